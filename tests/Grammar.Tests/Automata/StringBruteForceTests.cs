using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Tests.Automata;

/// <summary>All byte texts up to a length over small alphabets, decoded by System.Text.Json and judged by .NET's regular expressions, against the automaton.</summary>
public class StringBruteForceTests
{
    private static readonly Dictionary<string, (StringLanguage Language, Func<string, bool> Reference)> Cases = new()
    {
        ["all"] = (StringLanguage.All, _ => true),
        ["none"] = (StringLanguage.None, _ => false),
        ["length 1..2"] = (StringLanguage.Length(1, 2), t => Count(t) is 1 or 2),
        ["length 3.."] = (StringLanguage.Length(3), t => Count(t) >= 3),
        ["literals"] = (StringLanguage.Literals(["a", "aa", "\"", "é", "ab\\"]), t => t is "a" or "aa" or "\"" or "é" or "ab\\"),
        ["not literals"] = (StringLanguage.Literals(["a", "é"]).Not(), t => t is not ("a" or "é")),
        ["ab*a"] = FromRegex("^ab*a$"),
        ["a anywhere"] = FromRegex("a"),
        ["a|bb"] = FromRegex("^(a|bb)+$"),
        ["[^a]"] = FromRegex("^[^a]{2}"),
        ["no a, 1.."] = (StringLanguage.Pattern("a").Not().And(StringLanguage.Length(1)), t => !t.Contains('a') && t.Length > 0),
        ["(?!ab)"] = FromRegex("^(?!ab)[ab]+$"),
        ["(?=.*b)"] = FromRegex("^(?=.*b)a"),
        ["(?<=a)b"] = FromRegex("(?<=a)b"),
        ["(?<!a)b"] = FromRegex("(?<!a)b$"),
        [@"\bab\b"] = FromRegex(@"\bab\b"),
        [@"a\B"] = FromRegex(@"a\B"),
        ["tempered"] = FromRegex("^(?:(?!aa).)*$"),
        ["b$|^a"] = FromRegex("b$|^a"),
        ["(^a|b)+"] = FromRegex("(^a|b){2}$"),
        ["(a{1,2}){2}"] = FromRegex("^(a{1,2}){2,3}$"),
        ["escape quote"] = FromRegex("^[\"\\\\]+$"),
        ["a.{1,2}b"] = FromRegex("a.{1,2}b"),
        ["and"] = (StringLanguage.Pattern("a").And(StringLanguage.Pattern("b")), t => t.Contains('a') && t.Contains('b')),
        ["or not"] = (StringLanguage.Pattern("^a").Not().Or(StringLanguage.Length(2, 2)), t => !t.StartsWith('a') || Count(t) == 2),
    };

    private static readonly Dictionary<string, (string[] Units, int Length)> Alphabets = new()
    {
        ["plain"] = (["a", "b", "c", "\"", "\\", "\n"], 5),
        ["escapes"] = (["a", "\"", "\\", "u", "0", "6", "1"], 7),
        ["utf8"] = (["a", "\"", "\u00c3", "\u00a9", "\u00f0", "\u009f", "\u0098", "\u0080"], 5),
    };

    public static TheoryData<string, string> Names()
    {
        var data = new TheoryData<string, string>();
        foreach (var name in Cases.Keys)
        {
            foreach (var alphabet in Alphabets.Keys)
            {
                data.Add(name, alphabet);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ToDfa_AllTexts_AgreesWithDecoderAndRegex(string name, string alphabet)
    {
        var (language, reference) = Cases[name];
        var dfa = language.ToDfa(Spelling.Any);
        var (units, length) = Alphabets[alphabet];
        Walk(dfa, dfa.Start, [], [.. units.Select(unit => (byte)unit[0])], length, reference);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ShortestCompletion_EveryState_IsAcceptedAndShortest(string name, string alphabet)
    {
        var dfa = Cases[name].Language.ToDfa(Spelling.Any);
        if (alphabet != "plain" || dfa.Start == ByteDfa.Dead)
        {
            return;
        }
        // Breadth first over the whole reachable automaton, then distances backwards by relaxation.
        var states = new List<int> { dfa.Start };
        for (var i = 0; i < states.Count && states.Count < 3_000; i++)
        {
            foreach (var next in dfa.Row(states[i]))
            {
                if (next != ByteDfa.Dead && !states.Contains(next))
                {
                    states.Add(next);
                }
            }
        }
        var distance = states.ToDictionary(state => state, state => dfa.IsAccepting(state) ? 0 : 1_000);
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var state in states)
            {
                foreach (var next in dfa.Row(state))
                {
                    if (next != ByteDfa.Dead && distance[next] + 1 < distance[state])
                    {
                        (distance[state], changed) = (distance[next] + 1, true);
                    }
                }
            }
        }
        foreach (var state in states)
        {
            Assert.True(distance[state] < 1_000, $"state {state} is dead but not trimmed");
            var completion = dfa.ShortestCompletion(state);
            var end = state;
            foreach (var value in completion)
            {
                end = dfa.Next(end, value);
            }
            Assert.True(dfa.IsAccepting(end), $"completion {Encoding.UTF8.GetString(completion)} of state {state} is refused");
            Assert.Equal(distance[state], completion.Length);
            Assert.Equal(distance[state], dfa.ShortestLength(state));
        }
    }

    private static bool Walk(ByteDfa dfa, int state, List<byte> text, byte[] alphabet, int left, Func<string, bool> reference)
    {
        var expected = Decode(text) is { } decoded && reference(decoded);
        var actual = state != ByteDfa.Dead && dfa.IsAccepting(state);
        Assert.True(expected == actual, $"{Encoding.Latin1.GetString([.. text])}: expected {expected}");
        var any = expected;
        if (left > 0 && (text.Count == 0 || Decode(text) is null))
        {
            foreach (var value in alphabet)
            {
                text.Add(value);
                any |= Walk(dfa, state == ByteDfa.Dead ? 0 : dfa.Next(state, value), text, alphabet, left - 1, reference);
                text.RemoveAt(text.Count - 1);
            }
        }
        Assert.True(!any || state != ByteDfa.Dead, "dead, but a member begins so");
        return any;
    }

    // The decoded string if the text is a whole JSON string body with its closing quote; JSON allows lone surrogate escapes, we do not.
    private static string? Decode(List<byte> text)
    {
        if (text.Count == 0 || text[^1] != '"')
        {
            return null;
        }
        byte[] json = [(byte)'"', .. text];
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() && reader.BytesConsumed == json.Length ? reader.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static (StringLanguage, Func<string, bool>) FromRegex(string pattern)
    {
        var regex = new Regex(pattern.Replace("$", @"\z"), pattern.Contains(@"\b") || pattern.Contains(@"\B") ? RegexOptions.ECMAScript : RegexOptions.CultureInvariant);
        return (StringLanguage.Pattern(pattern), text => Scalars(text) && regex.IsMatch(text.EnumerateRunes().Aggregate("", (t, r) => t + (r.Value > 0xFFFF ? "\uE000" : r.ToString()))));
    }

    private static bool Scalars(string text) => !text.Any(c => char.IsSurrogate(c)) || text.EnumerateRunes().All(r => r.Value != 0xFFFD);

    private static int Count(string text) => text.EnumerateRunes().Count();
}
