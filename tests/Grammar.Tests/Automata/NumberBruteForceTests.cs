using System.Numerics;
using System.Text;
using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Tests.Automata;

/// <summary>All written numbers within small digit bounds, judged by rational arithmetic, against the automaton: acceptance and trimming.</summary>
public class NumberBruteForceTests
{
    private static readonly Dictionary<string, (NumberLanguage Language, Func<Rational, bool> Reference)> Cases = new()
    {
        ["all"] = (NumberLanguage.All, _ => true),
        ["integer"] = (NumberLanguage.Integer, v => v.IsMultipleOf(1, 1)),
        ["0..100"] = (NumberLanguage.Range("0", "100"), v => v.Between(0, 100)),
        ["(0,1)"] = (NumberLanguage.Range("0", "1", true, true), v => v.Above(0, 1) && v.Below(1, 1)),
        ["-3.5..7.25"] = (NumberLanguage.Range("-3.5", "7.25"), v => v.AtLeast(-35, 10) && v.AtMost(725, 100)),
        [">12"] = (NumberLanguage.Range("12", null, minExclusive: true), v => v.Above(12, 1)),
        ["<-0.5"] = (NumberLanguage.Range(null, "-0.5", maxExclusive: true), v => v.Below(-1, 2)),
        ["x7"] = (NumberLanguage.MultipleOf("7"), v => v.IsMultipleOf(7, 1)),
        ["x0.25"] = (NumberLanguage.MultipleOf("0.25"), v => v.IsMultipleOf(1, 4)),
        ["x30"] = (NumberLanguage.MultipleOf("30"), v => v.IsMultipleOf(30, 1)),
        ["x2.5 in 1..10"] = (NumberLanguage.MultipleOf("2.5").And(NumberLanguage.Range("1", "10"))!, v => v.IsMultipleOf(5, 2) && v.Between(1, 10)),
        ["integer in 17..23"] = (NumberLanguage.Integer.And(NumberLanguage.Range("17", "23"))!, v => v.IsMultipleOf(1, 1) && v.Between(17, 23)),
        ["no integer"] = (NumberLanguage.Integer.Not(), v => !v.IsMultipleOf(1, 1)),
        ["x3 not x6"] = (NumberLanguage.MultipleOf("3").And(NumberLanguage.MultipleOf("6").Not())!, v => v.IsMultipleOf(3, 1) && !v.IsMultipleOf(6, 1)),
        ["outside -5..5"] = (NumberLanguage.Range("-5", "5").Not(), v => !v.Between(-5, 5)),
        ["list"] = (NumberLanguage.Literals(["1", "2.5", "-30", "0"]), v => v.Is(1, 1) || v.Is(5, 2) || v.Is(-30, 1) || v.Is(0, 1)),
        ["no list"] = (NumberLanguage.Literals(["1", "2.5"]).Not(), v => !v.Is(1, 1) && !v.Is(5, 2)),
        ["list or x50"] = (NumberLanguage.Literals(["1", "0.1"]).Or(NumberLanguage.MultipleOf("50"))!, v => v.Is(1, 1) || v.Is(1, 10) || v.IsMultipleOf(50, 1)),
        ["integer not 7"] = (NumberLanguage.Integer.And(NumberLanguage.Literals(["7"]).Not())!, v => v.IsMultipleOf(1, 1) && !v.Is(7, 1)),
        ["x1024"] = (NumberLanguage.MultipleOf("1024"), v => v.IsMultipleOf(1024, 1)),
        ["x96"] = (NumberLanguage.MultipleOf("96"), v => v.IsMultipleOf(96, 1)),
        ["x13 up to 500"] = (NumberLanguage.MultipleOf("13").And(NumberLanguage.Range(null, "500"))!, v => v.IsMultipleOf(13, 1) && v.AtMost(500, 1)),
        ["x0.032 above 40"] = (NumberLanguage.MultipleOf("0.032").And(NumberLanguage.Range("40", null, minExclusive: true))!, v => v.IsMultipleOf(4, 125) && v.Above(40, 1)),
        ["x0.07 not x0.28"] = (NumberLanguage.MultipleOf("0.07").And(NumberLanguage.MultipleOf("0.28").Not())!, v => v.IsMultipleOf(7, 100) && !v.IsMultipleOf(7, 25)),
        ["x77 or 12 or 1234"] = (NumberLanguage.MultipleOf("77").Or(NumberLanguage.Literals(["12", "1234"]))!, v => v.IsMultipleOf(77, 1) || v.Is(12, 1) || v.Is(1234, 1)),
        ["x625 to 20, x11 above"] = (
            NumberLanguage.MultipleOf("625").And(NumberLanguage.Range(null, "20"))!.Or(NumberLanguage.MultipleOf("11").And(NumberLanguage.Range("20", null))!)!,
            v => v.AtMost(20, 1) ? v.IsMultipleOf(625, 1) : v.IsMultipleOf(11, 1)),
        ["no x0.5 above 3, x64 below"] = (
            NumberLanguage.MultipleOf("0.5").Not().And(NumberLanguage.Range("3", null))!.Or(NumberLanguage.MultipleOf("64").And(NumberLanguage.Range(null, "3"))!)!,
            v => v.AtLeast(3, 1) ? !v.IsMultipleOf(1, 2) : v.IsMultipleOf(64, 1)),
        ["none"] = (NumberLanguage.Range("3", "2"), _ => false),
        ["0.05..0.3"] = (NumberLanguage.Range("0.05", "0.3"), v => v.AtLeast(5, 100) && v.AtMost(3, 10)),
    };

    public static TheoryData<string> Names() => new(Cases.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void ToDfa_AnySpelling_AgreesWithRationals(string name)
    {
        var (language, reference) = Cases[name];
        var members = new HashSet<string>();
        string[] exponents = ["", .. Exponents()];
        foreach (var plain in Plain(1, 1))
        {
            foreach (var exponent in exponents)
            {
                if (reference(Rational.Parse(plain + exponent)))
                {
                    members.Add(plain + exponent);
                }
            }
        }
        Compare(language.ToDfa(Spelling.Any, 1), members);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ToDfa_Canonical_AgreesWithRationals(string name)
    {
        var (language, reference) = Cases[name];
        if (name is "list" or "none")
        {
            return;
        }
        var hasFraction = !name.StartsWith("integer", StringComparison.Ordinal)
            && name is not ("x7" or "x30" or "x3 not x6" or "x1024" or "x96" or "x13 up to 500" or "x77 or 12 or 1234" or "x625 to 20, x11 above");
        var members = new HashSet<string>();
        foreach (var plain in Plain(2, 2))
        {
            var value = Rational.Parse(plain);
            if (reference(value) && !(plain[0] == '-' && value.Is(0, 1)) && (hasFraction || !plain.Contains('.')))
            {
                members.Add(plain);
            }
        }
        Compare(language.ToDfa(Spelling.Canonical, 2), members);
    }

    private static void Compare(ByteDfa dfa, HashSet<string> members)
    {
        var prefixes = new Dictionary<string, int>();
        foreach (var member in members)
        {
            for (var length = 0; length <= member.Length; length++)
            {
                var prefix = member[..length];
                var rest = member.Length - length;
                prefixes[prefix] = prefixes.TryGetValue(prefix, out var known) ? Math.Min(known, rest) : rest;
            }
        }
        Assert.Equal(members.Count > 0, dfa.Start != ByteDfa.Dead);
        var stack = new Stack<(int State, string Text)>();
        if (dfa.Start != ByteDfa.Dead)
        {
            stack.Push((dfa.Start, ""));
        }
        var seen = 0;
        while (stack.TryPop(out var at))
        {
            var (state, text) = at;
            Assert.True(prefixes.TryGetValue(text, out var shortest), $"{text} leads nowhere but is alive");
            Assert.True(members.Contains(text) == dfa.IsAccepting(state), $"{text} accepted: {dfa.IsAccepting(state)}");
            seen++;
            var completion = Encoding.ASCII.GetString(dfa.ShortestCompletion(state));
            Assert.True(completion.Length == shortest && members.Contains(text + completion), $"{text} completed by '{completion}', shortest has {shortest}");
            foreach (var value in "+-.0123456789eE"u8)
            {
                if (dfa.Next(state, value) is var next && next != ByteDfa.Dead && value != 'E')
                {
                    stack.Push((next, text + (char)value));
                }
            }
        }
        Assert.True(seen == prefixes.Count, $"{seen} live prefixes of {prefixes.Count}; missing {prefixes.Keys.FirstOrDefault(p => DfaText.Run(dfa, Encoding.ASCII.GetBytes(p)) == 0)}");
    }

    private static IEnumerable<string> Plain(int whole, int fraction)
    {
        var fractions = new List<string> { "" };
        for (var digits = 1; digits <= fraction; digits++)
        {
            for (var value = 0; value < Math.Pow(10, digits); value++)
            {
                fractions.Add("." + value.ToString($"D{digits}"));
            }
        }
        for (var value = 0; value < Math.Pow(10, whole); value++)
        {
            foreach (var rest in fractions)
            {
                yield return value + rest;
                yield return "-" + value + rest;
            }
        }
    }

    private static IEnumerable<string> Exponents()
    {
        for (var digits = 1; digits <= 3; digits++)
        {
            for (var value = 0; value < Math.Pow(10, digits); value++)
            {
                var text = value.ToString($"D{digits}");
                yield return "e" + text;
                yield return "e+" + text;
                yield return "e-" + text;
            }
        }
    }

    /// <summary>A written number as numerator × 10^exponent, compared by cross-multiplication.</summary>
    private readonly record struct Rational(BigInteger Mantissa, int Exponent)
    {
        public static Rational Parse(string text)
        {
            var mark = text.IndexOf('e', StringComparison.Ordinal);
            var plain = mark < 0 ? text : text[..mark];
            var exponent = mark < 0 ? 0 : int.Parse(text[(mark + 1)..]);
            var point = plain.IndexOf('.', StringComparison.Ordinal);
            return new Rational(BigInteger.Parse(plain.Replace(".", "")), exponent - (point < 0 ? 0 : plain.Length - point - 1));
        }

        public bool Between(int low, int high) => AtLeast(low, 1) && AtMost(high, 1);

        public bool AtLeast(int numerator, int denominator) => Compare(numerator, denominator) >= 0;

        public bool AtMost(int numerator, int denominator) => Compare(numerator, denominator) <= 0;

        public bool Above(int numerator, int denominator) => Compare(numerator, denominator) > 0;

        public bool Below(int numerator, int denominator) => Compare(numerator, denominator) < 0;

        public bool Is(int numerator, int denominator) => Compare(numerator, denominator) == 0;

        public bool IsMultipleOf(int numerator, int denominator)
        {
            var (top, bottom) = Fraction();
            return (top * denominator % (bottom * numerator)).IsZero;
        }

        private int Compare(int numerator, int denominator)
        {
            var (top, bottom) = Fraction();
            return (top * denominator).CompareTo(bottom * numerator);
        }

        private (BigInteger Top, BigInteger Bottom) Fraction() =>
            Exponent >= 0 ? (Mantissa * Power(Exponent), 1) : (Mantissa, Power(-Exponent));

        private static BigInteger Power(int exponent) => Powers[exponent];
    }

    private static readonly BigInteger[] Powers = [.. Enumerable.Range(0, 1_010).Select(exponent => BigInteger.Pow(10, exponent))];
}
