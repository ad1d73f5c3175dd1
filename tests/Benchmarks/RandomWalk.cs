using System.Numerics;
using Cluster.Grammar;
using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Benchmarks;

/// <summary>Decoding with random logits: any allowed token is as likely as any other.</summary>
internal static class RandomWalk
{
    /// <summary>A document of at most <paramref name="tokensMax"/> tokens; null if the engine broke a promise, with the reason.</summary>
    /// <param name="endShare">How often to end where that is allowed.</param>
    public static byte[]? Sample(
        CompiledGrammar grammar, Vocabulary vocabulary, Random random, int tokensMax, double endShare, List<int> tokens, out string broken)
    {
        var matcher = GrammarMatcher.Start(grammar, vocabulary);
        var text = new List<byte>();
        broken = "";
        tokens.Clear();
        int slack = Math.Max(0, tokensMax - matcher.TokensToComplete);
        for (int left = matcher.TokensToComplete + slack; ; left--)
        {
            if (matcher.IsComplete && (left <= 0 || random.NextDouble() < endShare)) return [.. text];
            var mask = matcher.GetMask(left);
            int token = Choose(mask, random, vocabulary.Size);
            if (token < 0) broken = $"empty mask after {tokens.Count} tokens, {left} left";
            else if (left <= 0) broken = $"not complete after {tokens.Count} tokens";
            if (broken.Length > 0) return null;
            tokens.Add(token);
            if (vocabulary.IsEnd(token)) return matcher.IsComplete ? [.. text] : null;
            if (!matcher.TryAdvance(token, out var next))
            {
                broken = $"token {token} is allowed by the mask and refused by TryAdvance after {tokens.Count - 1} tokens";
                return null;
            }
            text.AddRange(vocabulary.BytesOf(token));
            matcher = next;
        }
    }

    /// <summary>A token of the mask; -1 if it is empty.</summary>
    public static int Choose(TokenMask mask, Random random, int vocabularySize)
    {
        if (mask.IsList) return mask.Ids.Length == 0 ? -1 : mask.Ids[random.Next(mask.Ids.Length)];
        var bits = mask.Bits;
        long count = 0;
        foreach (ulong word in bits) count += BitOperations.PopCount(word);
        if (count == 0) return -1;
        long wanted = random.NextInt64(count);
        for (int i = 0; ; i++)
        {
            int inWord = BitOperations.PopCount(bits[i]);
            if (wanted >= inWord)
            {
                wanted -= inWord;
                continue;
            }
            ulong word = bits[i];
            for (; wanted > 0; wanted--) word &= word - 1;
            return i * 64 + BitOperations.TrailingZeroCount(word);
        }
    }
}
