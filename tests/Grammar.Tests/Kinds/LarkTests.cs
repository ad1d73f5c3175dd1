using System.Text;
using Cluster.Grammar.Tests.Oracle;

namespace Cluster.Grammar.Tests.Kinds;

/// <summary>Grammars in Lark's notation.</summary>
public sealed class LarkTests
{
    private static readonly (string Name, string Source, string Alphabet, int Length, Func<string, bool> Is)[] _cases =
    [
        ("left recursion", "start: start \"+\" t | t\nt: \"a\" | \"(\" start \")\"", "a+()", 7, static x => IsSum(x, 0, out int end) && end == x.Length),
        ("right recursion", "start: \"a\" start | \"b\"", "ab", 6, static x => x.Length > 0 && x.TrimStart('a') == "b"),
        ("brackets", "start: (\"(\" start \")\")*", "()", 8, IsBalanced),
        ("mirrors", "start: \"a\" start \"a\" | \"b\" start \"b\" | \"c\"", "abc", 7, static x => x.Count(static c => c == 'c') == 1 && x.Length % 2 == 1 && x[x.Length / 2] == 'c' && x.SequenceEqual(x.Reverse())),
        ("as many", "start: \"a\" start \"b\" |", "ab", 8, static x => x == new string('a', x.Length / 2) + new string('b', x.Length / 2)),
        ("rule that is only itself or a", "start: start | \"a\"", "ab", 3, static x => x == "a"),
        ("empty loops", "start: (x*)* \"b\"\nx: y?\ny: \"a\"?", "ab", 5, static x => x.EndsWith('b') && x.TrimStart('a') == "b"),
        ("hidden left recursion", "start: n start \"a\" | \"b\"\nn: \"b\"?", "ab", 6, IsHidden),
        ("counted rounds of a rule", "start: x~2..3\nx: \"a\" x? \"b\"", "ab", 10, static x => Rounds(x) is >= 2 and <= 3),
        ("ignored", "start: \"a\" \"b\"+\n%ignore \" \"", "ab ", 5, static x => x.Replace(" ", "", StringComparison.Ordinal) is ['a', 'b', .. var rest] && rest.Trim('b').Length == 0),
        ("terminals are whole", "start: W \",\" W\nW: \"a\" \"b\"\n%ignore \" \"", "ab, ", 6, static x => x.Trim() is var t && t.StartsWith("ab", StringComparison.Ordinal)
            && t[2..].Trim() is [',', .. var rest] && rest.Trim() == "ab"),
        ("flags, ranges and classes", "start: \"ab\"i \"a\"..\"b\" /[ab]?/", "aAbB", 4, static x => x.Length is 3 or 4 && x[..2].ToLowerInvariant() == "ab" && x[2..].All(static c => c is 'a' or 'b')),
        ("imports", "%import common.INT -> N\n%import common (CNAME, WS)\nstart: CNAME \"=\" N\n%ignore WS", "A=0 ", 5,
            static x => x.Split('=') is [var l, var r] && l.Trim(' ') is ['A', .. var name] && !name.Contains(' ') && r.Trim(' ').Length > 0 && r.Trim(' ').All(char.IsDigit)),
    ];

    private static bool IsSum(string text, int at, out int end)
    {
        while (true)
        {
            end = at;
            if (at < text.Length && text[at] == 'a') end = at + 1;
            else if (at < text.Length && text[at] == '(' && IsSum(text, at + 1, out int inner) && inner < text.Length && text[inner] == ')') end = inner + 1;
            else return false;
            if (end == text.Length || text[end] != '+') return true;
            at = end + 1;
        }
    }

    private static bool IsBalanced(string text)
    {
        int open = 0;
        foreach (char c in text)
        {
            open += c == '(' ? 1 : -1;
            if (open < 0) return false;
        }
        return open == 0;
    }

    private static bool IsHidden(string text)
    {
        string body = text.TrimEnd('a');
        int ends = text.Length - body.Length;
        return body.Length >= 1 && body.All(static c => c == 'b') && body.Length - 1 <= ends;
    }

    private static int Rounds(string text)
    {
        int rounds = 0;
        for (int at = 0; at < text.Length; rounds++)
        {
            int open = text[at..].TakeWhile(static c => c == 'a').Count();
            if (open == 0 || !text[(at + open)..].StartsWith(new string('b', open), StringComparison.Ordinal)) return -1;
            at += 2 * open;
        }
        return rounds;
    }

    public static TheoryData<string> Cases() => [.. _cases.Select(static x => x.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Mask_EveryPrefix_AllowsExactlyWhatBeginsAText(string name)
    {
        var (_, source, alphabet, length, isText) = _cases.Single(x => x.Name == name);
        KindOracle.Check(GrammarKind.Lark, source, alphabet, length, isText, 200);
        KindOracle.CheckClosing(GrammarKind.Lark, source, isText, KindOracle.Tokens(alphabet));
    }

    /// <summary>Random grammars against the texts that a fixpoint over sets of texts derives.</summary>
    [Fact]
    public void Mask_RandomGrammars_AllowExactlyWhatBeginsAText()
    {
        var random = new Random(2026);
        int satisfiable = 0;
        for (int round = 0; round < 60; round++)
        {
            var grammar = new RandomRules(random);
            HashSet<string> texts = grammar.Texts(6);
            CompileResult result = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.Lark, grammar.Source, new GrammarOptions()));
            if (result.Grammar is null)
            {
                Assert.Equal(SchemaRejectionKind.Unsatisfiable, result.Rejections[0].Kind);
                Assert.Empty(texts);
                continue;
            }
            if (texts.Count == 0) continue; // only longer ones
            satisfiable++;
            var oracle = new ViablePrefixOracle(result.Grammar, KindOracle.Tokens("ab", round), grammar.Derives);
            oracle.Check(texts, 60);
            Assert.True(oracle.Failures.Count == 0, $"{grammar.Source}\n{string.Join("\n", oracle.Failures)}");
        }
        Assert.True(satisfiable > 25);
    }

    private sealed class RandomRules
    {
        private static readonly string[] _names = ["start", "p", "q", "r"];
        private readonly Dictionary<string, List<string[]>> _rules = [];

        public RandomRules(Random random)
        {
            foreach (string name in _names)
            {
                _rules[name] = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Enumerable.Range(0, random.Next(0, 4))
                    .Select(_ => random.Next(5) switch { 0 or 1 => "a", 2 => "b", _ => _names[random.Next(_names.Length)] }).ToArray())];
            }
        }

        public string Source => string.Join('\n', _rules.Select(static x => $"{x.Key}: {string.Join(" | ", x.Value.Select(static y => string.Join(' ', y.Select(static z => z.Length == 1 && z is "a" or "b" ? $"\"{z}\"" : z))))}"));

        /// <summary>Whether a text is derived: spans of it that each name derives, until nothing changes.</summary>
        public bool Derives(string text)
        {
            Dictionary<string, HashSet<(int, int)>> known = _names.ToDictionary(static x => x, static _ => new HashSet<(int, int)>());
            for (bool isChanged = true; isChanged;)
            {
                isChanged = false;
                foreach ((string name, List<string[]> productions) in _rules)
                {
                    foreach (string[] production in productions)
                    {
                        HashSet<(int From, int To)> spans = [.. Enumerable.Range(0, text.Length + 1).Select(static x => (x, x))];
                        foreach (string symbol in production)
                        {
                            IEnumerable<(int From, int To)> own = known.TryGetValue(symbol, out HashSet<(int, int)>? set) ? set
                                : Enumerable.Range(0, text.Length).Where(x => text[x] == symbol[0]).Select(static x => (x, x + 1));
                            spans = [.. from left in spans join right in own on left.To equals right.From select (left.From, right.To)];
                        }
                        foreach ((int, int) span in spans) isChanged |= known[name].Add(span);
                    }
                }
            }
            return known["start"].Contains((0, text.Length));
        }

        /// <summary>All texts of at most so many letters: sets of texts that grow until nothing changes.</summary>
        public HashSet<string> Texts(int length)
        {
            Dictionary<string, HashSet<string>> known = _names.ToDictionary(static x => x, static _ => new HashSet<string>());
            for (bool isChanged = true; isChanged;)
            {
                isChanged = false;
                foreach ((string name, List<string[]> productions) in _rules)
                {
                    foreach (string[] production in productions)
                    {
                        HashSet<string> texts = [""];
                        foreach (string symbol in production)
                        {
                            texts = [.. from left in texts from right in known.TryGetValue(symbol, out HashSet<string>? set) ? set : [symbol] where left.Length + right.Length <= length select left + right];
                        }
                        foreach (string text in texts) isChanged |= known[name].Add(text);
                    }
                }
            }
            return known["start"];
        }
    }

    [Theory]
    [InlineData("start: start", SchemaRejectionKind.Unsatisfiable, 0, 0)]
    [InlineData("start: \"a\" other", SchemaRejectionKind.Malformed, 1, 12)]
    [InlineData("begin: \"a\"", SchemaRejectionKind.Malformed, 1, 1)]
    [InlineData("start: \"a\n", SchemaRejectionKind.Malformed, 1, 8)]
    [InlineData("start: A\nA: \"x\" A", SchemaRejectionKind.Malformed, 2, 8)]
    [InlineData("start: A\nA: start", SchemaRejectionKind.Malformed, 2, 4)]
    [InlineData("start: (\"a\"", SchemaRejectionKind.Malformed, 1, 8)]
    [InlineData("start: \"a\")", SchemaRejectionKind.Malformed, 1, 11)]
    [InlineData("start: [\"a\")", SchemaRejectionKind.Malformed, 1, 12)]
    [InlineData("start: /a(?=b)/", SchemaRejectionKind.UnsupportedKeyword, 1, 8)]
    [InlineData("start: /(/", SchemaRejectionKind.Malformed, 1, 8)]
    [InlineData("start: /a/x", SchemaRejectionKind.UnsupportedKeyword, 1, 8)]
    [InlineData("start: /[^a]/i", SchemaRejectionKind.UnsupportedKeyword, 1, 8)]
    [InlineData("start: x{\"a\"}\nx{y}: y", SchemaRejectionKind.UnsupportedKeyword, 1, 9)]
    [InlineData("%declare A\nstart: A", SchemaRejectionKind.UnsupportedKeyword, 1, 1)]
    [InlineData("%import python.NAME\nstart: NAME", SchemaRejectionKind.UnsupportedKeyword, 1, 9)]
    [InlineData("%import common.NAME\nstart: NAME", SchemaRejectionKind.UnsupportedKeyword, 1, 16)]
    [InlineData("start: \"a\"~3..2", SchemaRejectionKind.Malformed, 1, 11)]
    [InlineData("start: \"a\"~1000001", SchemaRejectionKind.TooLarge, 1, 12)]
    [InlineData("start: \"ab\"..\"c\"", SchemaRejectionKind.Malformed, 1, 8)]
    [InlineData("start: \"\\ud800\"", SchemaRejectionKind.Malformed, 1, 8)]
    [InlineData("start: \"a\"\nstart: \"b\"", SchemaRejectionKind.Malformed, 2, 1)]
    [InlineData("start: aB", SchemaRejectionKind.Malformed, 1, 8)]
    [InlineData("start: @", SchemaRejectionKind.Malformed, 1, 8)]
    public void Compile_BadSource_TypedRejectionWithPlace(string source, SchemaRejectionKind kind, int line, int column)
    {
        CompileResult result = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.Lark, source, new GrammarOptions()));
        Assert.Null(result.Grammar);
        Assert.Equal((kind, line, column), (result.Rejections[0].Kind, result.Rejections[0].Line, result.Rejections[0].Column));
    }

    [Theory]
    [InlineData("start: \"a\"~1000000", null)]
    [InlineData("deep groups", null)]
    [InlineData("deeper groups", SchemaRejectionKind.TooLarge)]
    [InlineData("long source", null)]
    [InlineData("longer source", SchemaRejectionKind.TooLarge)]
    public void Compile_AtAndPastTheBounds(string source, SchemaRejectionKind? kind)
    {
        source = source switch
        {
            "deep groups" => $"start: {new string('(', 200)}\"a\"{new string(')', 200)}",
            "deeper groups" => $"start: {new string('(', 201)}\"a\"{new string(')', 201)}",
            "long source" => "start: \"a\"".PadRight(250_000),
            "longer source" => "start: \"a\"".PadRight(250_001),
            _ => source,
        };
        Assert.Equal(kind, GrammarCompiler.Compile(new GrammarSpec(GrammarKind.Lark, source, new GrammarOptions())).Rejections.FirstOrDefault()?.Kind);
    }

    [Fact]
    public void Matcher_ArithmeticAsDocumented_ReadsAndRefuses()
    {
        const string source = """
            // sums and products of integers
            ?start: sum
            sum: product | sum ("+" | "-") product -> add
            product.2: atom | product ("*" | "/") atom
            ?atom: INT | "-" atom | "(" sum ")"   # brackets
            %import common.INT
            %import common.WS_INLINE
            %ignore WS_INLINE
            """;
        CompiledGrammar grammar = KindOracle.Compile(GrammarKind.Lark, source);
        Assert.True(EngineWalk.Accepts(grammar, OracleVocabulary.Full(), "1 + (2*-3) - 44/ 5"));
        Assert.False(EngineWalk.Accepts(grammar, OracleVocabulary.Full(), "1 + * 2"));
        Assert.False(EngineWalk.Accepts(grammar, OracleVocabulary.Full(), "(1"));
    }

    /// <summary>Lists by left and by right recursion come back to the same states; brackets make states only as deep as they are open.</summary>
    [Theory]
    [InlineData("start: start \",\" x | x\nx: \"a\"+ | \"[\" start \"]\"", "aa,", 12)]
    [InlineData("start: x | x \",\" start\nx: \"a\"+ | \"[\" start \"]\"", "aa,", 12)]
    [InlineData("start: \"(\" start \")\" start |", "(())", 12)]
    public void States_WhatComesBack_AreFew(string source, string text, int most)
    {
        GrammarMatcher matcher = GrammarMatcher.Start(KindOracle.Compile(GrammarKind.Lark, source), OracleVocabulary.Full());
        var states = new HashSet<object>(ReferenceEqualityComparer.Instance);
        for (int round = 0; round < 500; round++)
        {
            foreach (byte value in Encoding.UTF8.GetBytes(text))
            {
                Assert.True(matcher.TryAdvance(value, out matcher));
                states.Add(matcher.State);
            }
        }
        Assert.InRange(states.Count, 1, most);
    }
}
