using System.Text;
using System.Text.RegularExpressions;
using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Tests.Automata;

/// <summary>Random patterns with every kind of assertion, and Boolean combinations of them, against .NET's engine on all short texts.</summary>
public class RandomPatternTests
{
    private static readonly string[] Texts = [.. AllTexts(["a", "b", "-"], 5)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Pattern_Random_AgreesWithDotNet(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var pattern = Alternation(random, 3);
            if (!StringLanguage.TryPattern(pattern, out var language, out var refusal))
            {
                Assert.Equal(LeafRefusalKind.Unsupported, refusal!.Kind);
                continue;
            }
            var other = Alternation(random, 2);
            if (!StringLanguage.TryPattern(other, out var second, out _))
            {
                second = StringLanguage.Length(1, 3);
                other = @"^[ab-]{1,3}$";
            }
            var (first, and) = (Reference(pattern), Reference(other));
            Compare(language, text => first(text), pattern);
            Compare(language.And(second.Not()), text => first(text) && !and(text), $"{pattern} and not {other}");
            Compare(language.Not().Or(second), text => !first(text) || and(text), $"not {pattern} or {other}");
            Compare(language.And(StringLanguage.Length(2, 4)), text => first(text) && text.Length is >= 2 and <= 4, $"{pattern} of 2..4");
        }
    }

    private static void Compare(StringLanguage language, Func<string, bool> reference, string shown)
    {
        var dfa = language.ToDfa(Spelling.Any);
        var any = false;
        foreach (var text in Texts)
        {
            var expected = reference(text);
            any |= expected;
            var state = DfaText.Run(dfa, Encoding.ASCII.GetBytes(text));
            var accepted = state != ByteDfa.Dead && dfa.Next(state, (byte)'"') is var end && end != ByteDfa.Dead && dfa.IsAccepting(end);
            Assert.True(expected == accepted, $"{shown}: '{text}' expected {expected}");
            Assert.True(expected == language.Contains(text), $"{shown}: '{text}' contained {!expected}");
            if (state != ByteDfa.Dead)
            {
                var completion = dfa.ShortestCompletion(state);
                foreach (var value in completion)
                {
                    state = dfa.Next(state, value);
                }
                Assert.True(dfa.IsAccepting(state), $"{shown}: '{text}' is completed wrongly");
            }
        }
        Assert.True(!any || dfa.Start != ByteDfa.Dead, $"{shown} is not empty");
        Assert.Equal(0, dfa.NarrowedStates);
    }

    // .NET's $ also matches before a last line feed; \b there knows Unicode, which these texts do not hold.
    private static Func<string, bool> Reference(string pattern)
    {
        var regex = new Regex(pattern.Replace("$", @"\z"), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));
        return regex.IsMatch;
    }

    private static string Alternation(Random random, int depth)
    {
        var branches = new string[random.Next(1, 3)];
        for (var i = 0; i < branches.Length; i++)
        {
            branches[i] = string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Term(random, depth)));
        }
        return string.Join('|', branches);
    }

    private static string Term(Random random, int depth)
    {
        var kind = random.Next(depth > 0 ? 20 : 9);
        var inner = kind >= 9 ? Alternation(random, depth - 1) : "";
        return kind switch
        {
            0 or 1 => "a",
            2 => "b",
            3 => ".",
            4 => "[ab]",
            5 => "[^a]",
            6 => "^",
            7 => "$",
            8 => random.Next(3) == 0 ? @"\B" : @"\b",
            9 => $"(?={inner})",
            10 => $"(?!{inner})",
            11 => $"(?<={inner})",
            12 => $"(?<!{inner})",
            13 => $"(?:{inner})*",
            14 => $"(?:{inner})+",
            15 => $"(?:{inner})?",
            16 => $"(?:{inner}){{{random.Next(3)},{random.Next(3, 5)}}}",
            _ => $"({inner})",
        };
    }

    private static IEnumerable<string> AllTexts(string[] letters, int length)
    {
        var level = new List<string> { "" };
        for (var i = 0; i <= length; i++)
        {
            foreach (var text in level)
            {
                yield return text;
            }
            level = [.. level.SelectMany(text => letters.Select(letter => text + letter))];
        }
    }
}
