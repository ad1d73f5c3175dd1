using System.Text;
using Cluster.Grammar.Tests.Oracle;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests.Kinds;

/// <summary>The definition of a mask, tried out: every text over a small alphabet up to a length, kept by a slow definition of the language.</summary>
internal static class KindOracle
{
    /// <summary>Every byte of the alphabet, and random longer tokens over it.</summary>
    public static Vocabulary Tokens(string alphabet, int seed = 1, params string[] also)
    {
        var random = new Random(seed);
        var texts = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string text in also) texts.Add(text);
        for (int i = 0; i < 60; i++) texts.Add(new string([.. Enumerable.Range(0, random.Next(2, 5)).Select(_ => alphabet[random.Next(alphabet.Length)])]));
        byte[][] bytes = [.. alphabet.Distinct().Select(x => Encoding.UTF8.GetBytes([x])), .. texts.Where(static x => x.Length > 1).Select(Encoding.UTF8.GetBytes), [], "</s>"u8.ToArray()];
        return new Vocabulary(bytes, [], [bytes.Length - 1]);
    }

    public static CompiledGrammar Compile(GrammarKind kind, string text, GrammarOptions? options = null)
    {
        CompileResult result = GrammarCompiler.Compile(new GrammarSpec(kind, text, options ?? new GrammarOptions { Whitespace = Whitespace.Compact }));
        Assert.True(result.Grammar is not null, result.Rejections.FirstOrDefault()?.ToString());
        return result.Grammar;
    }

    /// <summary>All texts of the alphabet with at most so many characters.</summary>
    public static IEnumerable<string> Texts(string alphabet, int lengthMax)
    {
        List<string> level = [""];
        for (int length = 0; length <= lengthMax; length++)
        {
            foreach (string text in level) yield return text;
            if (length < lengthMax) level = [.. level.SelectMany(x => alphabet.Select(c => x + c))];
        }
    }

    /// <summary>Prefix + token is allowed if and only if it begins a text of the language; bounds are never too low, and mostly exact.</summary>
    public static void Check(GrammarKind kind, string source, string alphabet, int lengthMax, Func<string, bool> isInLanguage, int statesMax = 400, params string[] tokens)
    {
        Vocabulary vocabulary = Tokens(alphabet, also: tokens);
        var oracle = new ViablePrefixOracle(Compile(kind, source), vocabulary, isInLanguage);
        List<string> texts = [.. Texts(alphabet, lengthMax).Where(isInLanguage)];
        Assert.NotEmpty(texts);
        oracle.Check(texts, statesMax);
        Assert.True(oracle.Failures.Count == 0, $"{source}: {string.Join("; ", oracle.Failures)}");
    }

    /// <summary>Runs that are cut by every budget from the bound up end complete and in the language.</summary>
    public static void CheckClosing(GrammarKind kind, string source, Func<string, bool> isInLanguage, Vocabulary vocabulary)
    {
        CompiledGrammar grammar = Compile(kind, source);
        int fewest = GrammarMatcher.Start(grammar, vocabulary).TokensToComplete;
        var random = new Random(11);
        for (int extra = 0; extra < 14; extra++)
        {
            var (text, tokens) = EngineWalk.Sample(grammar, vocabulary, random, fewest + extra, endShare: extra % 3 == 0 ? 0.2 : 0);
            Assert.True(tokens.Count <= fewest + extra);
            Assert.True(isInLanguage(text), $"{source}: {text}");
        }
    }
}
