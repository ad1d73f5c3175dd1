using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>
/// Which spellings of a valid document the options allow: written as a check of the whole text, so that it shares nothing with an
/// automaton. Property order is judged only for schemas whose keys all stand in one <c>properties</c> at the root.
/// </summary>
internal sealed class TextRules(GrammarOptions options, string schema)
{
    public bool Allow(string text) => HasWhitespace(text) && HasSizes(text) && HasOrder(text);

    /// <summary>
    /// The spelling that every option allows: no escape that JSON does not need, numbers without exponent, sign of zero or zeros at the end.
    /// Under canonical spelling such texts must be allowed; of others only that they validate is known.
    /// </summary>
    public static bool IsPlain(string text)
    {
        foreach (var (part, isString) in Parts(text))
        {
            if (isString ? Unneeded.IsMatch(part) : OddNumber.IsMatch(part)) return false;
        }
        return true;
    }

    private static readonly Regex Unneeded = new("""\\(?![\\"nrtbf])|\\u""");
    private static readonly Regex OddNumber = new("""[0-9][eE]|-0(?![.0-9])|-0\.0*(?![0-9])|\.[0-9]*0(?![0-9])""");

    private bool HasWhitespace(string text)
    {
        string compact = Compact(text);
        return options.Whitespace switch
        {
            Whitespace.Compact => text == compact,
            Whitespace.Spaced => text == Spaced(compact),
            Whitespace.CompactOrSpaced => text == compact || text == Spaced(compact),
            _ => Runs(text).All(run => run <= options.WhitespaceBytesMax),
        };
    }

    private bool HasSizes(string text)
    {
        int depth = 0;
        foreach (var (part, isString) in Parts(text))
        {
            if (isString) continue;
            foreach (char it in part)
            {
                if (it is '{' or '[' && ++depth > options.DepthMax) return false;
                if (it is '}' or ']') depth--;
            }
            foreach (string number in part.Split(['{', '}', '[', ']', ',', ':', ' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries))
            {
                string mantissa = number.TrimStart('-').Split('e', 'E')[0];
                if (char.IsAsciiDigit(mantissa[0]) && mantissa.Split('.').Any(digits => digits.Length > options.DigitsMax)) return false;
            }
        }
        return true;
    }

    /// <summary>Declared keys in the order of the schema, all others after them.</summary>
    private bool HasOrder(string text)
    {
        if (options.Order == PropertyOrder.Any) return true;
        using var document = JsonDocument.Parse(text);
        using var parsed = JsonDocument.Parse(schema);
        if (document.RootElement.ValueKind != JsonValueKind.Object || parsed.RootElement.ValueKind != JsonValueKind.Object) return true;
        if (!parsed.RootElement.TryGetProperty("properties", out var properties)) return true;
        var declared = properties.EnumerateObject().Select(it => it.Name).ToList();
        var places = document.RootElement.EnumerateObject().Select(it => declared.IndexOf(it.Name)).Select(at => at < 0 ? int.MaxValue : at).ToList();
        return places.SequenceEqual(places.Order());
    }

    private static string Compact(string text)
        => string.Concat(Parts(text).Select(it => it.IsString ? it.Text : string.Concat(it.Text.Where(c => !IsSpace(c)))));

    /// <summary>A compact text with one space after each comma and colon.</summary>
    public static string Spaced(string compact)
        => string.Concat(Parts(compact).Select(it => it.IsString ? it.Text : it.Text.Replace(",", ", ", StringComparison.Ordinal).Replace(":", ": ", StringComparison.Ordinal)));

    private static IEnumerable<int> Runs(string text)
    {
        foreach (var (part, isString) in Parts(text))
        {
            int run = 0;
            foreach (char it in isString ? "" : part)
            {
                run = IsSpace(it) ? run + 1 : 0;
                yield return run;
            }
        }
    }

    private static bool IsSpace(char it) => it is ' ' or '\t' or '\n' or '\r';

    /// <summary>The text cut into string literals and what stands between them.</summary>
    private static IEnumerable<(string Text, bool IsString)> Parts(string text)
    {
        var part = new StringBuilder();
        bool isInside = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '"' && !isInside)
            {
                yield return (part.ToString(), false);
                part.Clear();
            }
            part.Append(text[i]);
            if (isInside && text[i] == '\\') part.Append(text[++i]);
            else if (text[i] == '"')
            {
                if (isInside)
                {
                    yield return (part.ToString(), true);
                    part.Clear();
                }
                isInside = !isInside;
            }
        }
        yield return (part.ToString(), isInside);
    }
}
