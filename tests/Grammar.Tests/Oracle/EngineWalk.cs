using System.Numerics;
using System.Text;
using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>What the tests do with the engine from outside.</summary>
internal static class EngineWalk
{
    public static CompileResult Compile(string schema, GrammarOptions options)
        => GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, schema, options));

    /// <summary>Whether every byte, and then the end, is allowed. The vocabulary has byte <c>b</c> as token <c>b</c>.</summary>
    public static bool Accepts(CompiledGrammar grammar, Vocabulary vocabulary, string text)
    {
        var matcher = GrammarMatcher.Start(grammar, vocabulary);
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            bool isAllowed = matcher.GetMask().Allows(value);
            if (matcher.TryAdvance(value, out var next) != isAllowed) throw new InvalidOperationException($"mask and TryAdvance disagree on byte {value} in {text}");
            if (!isAllowed) return false;
            matcher = next;
        }
        return matcher.GetMask().Allows(vocabulary.EndIds[0]);
    }

    /// <summary>The text cut into random tokens, whole: each step takes one of the tokens that the text goes on with.</summary>
    public static bool AcceptsInTokens(CompiledGrammar grammar, Vocabulary vocabulary, string text, Random random)
    {
        var matcher = GrammarMatcher.Start(grammar, vocabulary);
        for (var rest = Encoding.UTF8.GetBytes(text).AsSpan(); rest.Length > 0;)
        {
            var fitting = new List<int>();
            for (int id = 0; id < vocabulary.Size; id++)
            {
                if (!vocabulary.IsSpecial(id) && vocabulary.BytesOf(id) is { Length: > 0 } bytes && rest.StartsWith(bytes)) fitting.Add(id);
            }
            int token = fitting[random.Next(fitting.Count)];
            if (!matcher.GetMask().Allows(token) || !matcher.TryAdvance(token, out matcher)) return false;
            rest = rest[vocabulary.BytesOf(token).Length..];
        }
        return matcher.IsComplete;
    }

    /// <summary>A random document of at most <paramref name="tokensMax"/> tokens (or the fewest possible), closed by the budget.</summary>
    public static (string Text, List<int> Tokens) Sample(CompiledGrammar grammar, Vocabulary vocabulary, Random random, int tokensMax, double endShare = 0.3)
    {
        var matcher = GrammarMatcher.Start(grammar, vocabulary);
        var text = new List<byte>();
        var tokens = new List<int>();
        for (int left = Math.Max(tokensMax, matcher.TokensToComplete); !(matcher.IsComplete && (left == 0 || random.NextDouble() < endShare)); left--)
        {
            Assert.True(left > 0, $"not complete within the budget: {Encoding.UTF8.GetString([.. text])}");
            int token = Choose(matcher.GetMask(left), random);
            Assert.True(token >= 0, $"empty mask after: {Encoding.UTF8.GetString([.. text])}");
            if (vocabulary.IsEnd(token)) break;
            Assert.True(matcher.TryAdvance(token, out matcher), $"token {token} is in the mask and refused after: {Encoding.UTF8.GetString([.. text])}");
            tokens.Add(token);
            text.AddRange(vocabulary.BytesOf(token));
        }
        return (Encoding.UTF8.GetString([.. text]), tokens);
    }

    public static int Choose(TokenMask mask, Random random)
    {
        int[] ids = Ids(mask);
        return ids.Length == 0 ? -1 : ids[random.Next(ids.Length)];
    }

    /// <summary>The tokens of a mask, ascending.</summary>
    public static int[] Ids(TokenMask mask)
    {
        if (mask.IsList) return mask.Ids.ToArray();
        var ids = new List<int>();
        for (int i = 0; i < mask.Bits.Length; i++)
        {
            for (ulong word = mask.Bits[i]; word != 0; word &= word - 1) ids.Add(i * 64 + BitOperations.TrailingZeroCount(word));
        }
        return [.. ids];
    }
}
