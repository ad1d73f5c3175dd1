using System.Text;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>All JSON texts up to some length over an alphabet, by trying every character and dropping what cannot begin JSON.</summary>
internal static class TextEnumerator
{
    private const string Values = "{[\"-0123456789tfn";

    /// <param name="alphabet">Single-byte characters.</param>
    /// <param name="stringMax">Most bytes between two quotes: strings may hold every character, so that long ones would be too many.</param>
    public static IEnumerable<string> All(string alphabet, int lengthMax, int stringMax = int.MaxValue)
    {
        var text = new StringBuilder();
        return Extend(text, new Cursor("", Expect.Value, 0), alphabet, lengthMax, stringMax);
    }

    private enum Expect { Value, ValueOrClose, Key, KeyOrClose, Colon, CommaOrClose, InString, InKey, Escape, EscapeInKey, InWord, InNumber }

    /// <param name="Open">Brackets that are open.</param>
    /// <param name="Expect">What may come next.</param>
    /// <param name="Start">Where the word, number or string under way begins.</param>
    private readonly record struct Cursor(string Open, Expect Expect, int Start);

    private static IEnumerable<string> Extend(StringBuilder text, Cursor cursor, string alphabet, int lengthMax, int stringMax)
    {
        if (IsWhole(text, cursor)) yield return text.ToString();
        if (text.Length == lengthMax) yield break;
        foreach (char next in alphabet)
        {
            if (Step(text, cursor, next) is not { } after) continue;
            if (after.Expect is Expect.InString or Expect.InKey && text.Length - after.Start > stringMax) continue;
            text.Append(next);
            foreach (string whole in Extend(text, after, alphabet, lengthMax, stringMax)) yield return whole;
            text.Length--;
        }
    }

    private static bool IsWhole(StringBuilder text, Cursor cursor) => cursor.Open.Length == 0 && cursor.Expect switch
    {
        Expect.CommaOrClose => true,
        Expect.InWord => text.ToString(cursor.Start, text.Length - cursor.Start).Trim() is "true" or "false" or "null",
        Expect.InNumber => IsNumber(text.ToString(cursor.Start, text.Length - cursor.Start)),
        _ => false,
    };

    private static Cursor? Step(StringBuilder text, Cursor cursor, char next)
    {
        switch (cursor.Expect)
        {
            case Expect.InString or Expect.InKey:
                bool isKey = cursor.Expect == Expect.InKey;
                if (next == '\\') return cursor with { Expect = isKey ? Expect.EscapeInKey : Expect.Escape };
                if (next == '"') return cursor with { Expect = isKey ? Expect.Colon : Expect.CommaOrClose };
                return next < ' ' ? null : cursor;
            case Expect.Escape or Expect.EscapeInKey:
                // \uXXXX is left to the validator: here any escape is a character and what follows is content.
                return "\"\\/bfnrtu".Contains(next, StringComparison.Ordinal) ? cursor with { Expect = cursor.Expect == Expect.Escape ? Expect.InString : Expect.InKey } : null;
            case Expect.InWord:
                string word = text.ToString(cursor.Start, text.Length - cursor.Start);
                if (word is "true" or "false" or "null") return Step(text, cursor with { Expect = Expect.CommaOrClose }, next);
                word += next;
                return "true".StartsWith(word, StringComparison.Ordinal) || "false".StartsWith(word, StringComparison.Ordinal)
                    || "null".StartsWith(word, StringComparison.Ordinal) ? cursor : null;
            case Expect.InNumber:
                if ("0123456789.eE+-".Contains(next, StringComparison.Ordinal)) return cursor;
                return IsNumber(text.ToString(cursor.Start, text.Length - cursor.Start)) ? Step(text, cursor with { Expect = Expect.CommaOrClose }, next) : null;
        }
        if (next is ' ' or '\n' or '\t' or '\r') return cursor;
        return cursor.Expect switch
        {
            Expect.Colon => next == ':' ? cursor with { Expect = Expect.Value } : null,
            Expect.Key or Expect.KeyOrClose when next == '"' => cursor with { Expect = Expect.InKey, Start = text.Length },
            Expect.KeyOrClose when next == '}' => Close(cursor),
            Expect.ValueOrClose when next == ']' => Close(cursor),
            Expect.Value or Expect.ValueOrClose => BeginValue(text, cursor, next),
            Expect.CommaOrClose when cursor.Open.Length > 0 && next == ',' => cursor with { Expect = cursor.Open[^1] == '{' ? Expect.Key : Expect.Value },
            Expect.CommaOrClose when cursor.Open.Length > 0 && next == (cursor.Open[^1] == '{' ? '}' : ']') => Close(cursor),
            _ => null,
        };
    }

    private static Cursor? BeginValue(StringBuilder text, Cursor cursor, char next) => next switch
    {
        '{' => new Cursor(cursor.Open + '{', Expect.KeyOrClose, 0),
        '[' => new Cursor(cursor.Open + '[', Expect.ValueOrClose, 0),
        '"' => cursor with { Expect = Expect.InString, Start = text.Length },
        _ when !Values.Contains(next, StringComparison.Ordinal) => null,
        _ => cursor with { Expect = char.IsAsciiLetter(next) ? Expect.InWord : Expect.InNumber, Start = text.Length },
    };

    private static Cursor Close(Cursor cursor) => new(cursor.Open[..^1], Expect.CommaOrClose, 0);

    private static bool IsNumber(string text)
    {
        string rest = text.TrimEnd().TrimStart('-');
        if (text.StartsWith("--", StringComparison.Ordinal) || rest.Length == 0 || !char.IsAsciiDigit(rest[0])) return false;
        try
        {
            System.Text.Json.JsonDocument.Parse(text).Dispose();
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }
}
