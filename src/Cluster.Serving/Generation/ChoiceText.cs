using System.Collections.Immutable;
using Cluster.Decoding;
using Cluster.Tokenization;

namespace Cluster.Serving.Generation;

/// <summary>One choice on its way from tokens to text: whole characters, cut before a stop string, log-probabilities beside.</summary>
internal sealed class ChoiceText(ITokenizer tokenizer, IReadOnlyList<string> stopStrings)
{
    private readonly StreamingDetokenizer _detokenizer = new(tokenizer);
    private readonly StopMatcher? _stops = stopStrings.Count > 0 ? new StopMatcher(stopStrings) : null;

    /// <summary>Tokens taken so far.</summary>
    public int Tokens { get; private set; }

    /// <summary>A stop string was met; nothing more is to be taken.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The text that <paramref name="delta"/> adds.</summary>
    public string Take(SequenceDelta delta)
    {
        string text = "";
        foreach (int token in delta.Tokens)
        {
            Tokens++;
            text += Filter(_detokenizer.Push(token));
            if (IsStopped) break;
        }
        return text;
    }

    /// <summary>What was held back: the end of a broken character, or the beginning of a stop string that did not come.</summary>
    public string End() => IsStopped ? "" : Filter(_detokenizer.Flush()) + (IsStopped ? "" : _stops?.Flush() ?? "");

    private string Filter(string text)
    {
        if (_stops is null || text.Length == 0) return text;
        (string emitted, IsStopped) = _stops.Push(text);
        return emitted;
    }

    /// <summary>Log-probabilities as callers see them.</summary>
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
