using System.Collections.Immutable;
using Cluster.Decoding;
using Cluster.Tokenization;

namespace Cluster.Serving.Generation;

/// <summary>Log-probabilities as callers see them.</summary>
internal static class ChoiceLogprobs
{
    public static ImmutableArray<TokenTextLogprob> Describe(ImmutableArray<TokenLogprob> logprobs, ITokenizer tokenizer)
        => logprobs.IsDefaultOrEmpty ? [] : [.. logprobs.Select(one => Describe(one.Token, one.Logprob, tokenizer) with
        {
            Top = [.. one.Top.Select(pair => Describe(pair.Key, pair.Value, tokenizer))],
        })];

    private static TokenTextLogprob Describe(int token, float logprob, ITokenizer tokenizer)
    {
        ImmutableArray<byte> bytes = [.. tokenizer.Vocabulary.BytesOf(token)];
        return new TokenTextLogprob(System.Text.Encoding.UTF8.GetString(bytes.AsSpan()), bytes, logprob, []);
    }
}
