using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Cluster.Decoding.Sampling;
using Cluster.Grammar.Masks;

namespace Cluster.Decoding;

/// <summary>All that the choice of one token depends on, beside the logits.</summary>
internal readonly ref struct SamplingRequest
{
    public required SamplingOptions Options { get; init; }

    /// <summary>Allowed tokens; null is all.</summary>
    public TokenMask? Mask { get; init; }

    public TokenHistory? History { get; init; }

    public int Choice { get; init; }

    /// <summary>Index of the token among the emitted ones.</summary>
    public int Position { get; init; }

    /// <summary>Tokens that may not be chosen yet, unless nothing else may.</summary>
    public ReadOnlySpan<int> Excluded { get; init; }

    /// <summary>Whether to measure what <see cref="Mask"/> takes away.</summary>
    public bool MeasuresPressure { get; init; }
}

/// <param name="Token">The choice, or -1 where the logits were not numbers.</param>
/// <param name="Logprob">Where asked for.</param>
/// <param name="Pressure">See <see cref="ConstraintPressure"/>; null without a mask, or where not asked for.</param>
internal readonly record struct SampledToken(int Token, TokenLogprob? Logprob, double? Pressure);

/// <summary>
/// Chooses one token: a pure function of logits, mask, options and (seed, choice, position). Allocates nothing unless log-probabilities
/// are asked for.
/// <para>
/// 1. Load: the allowed logits (a list reads ten of 150,000). 2. Adjust: penalties, bias, ends not yet allowed. 3. Check: NaN, +∞ or
/// nothing but -∞ is a broken model. 4. Greedy: the largest, the lowest id among equals. 5. Draw: temperature, then min_p, top_k, top_p.
/// 6. Log-probabilities and pressure.
/// </para>
/// </summary>
internal sealed class Sampler(int vocabularySize)
{
    private readonly Candidates _candidates = new(vocabularySize);
    private readonly Nucleus _nucleus = new(vocabularySize);

    public SampledToken Sample(ReadOnlySpan<float> logits, scoped in SamplingRequest request)
    {
        SamplingOptions options = request.Options;
        bool isPlain = request.Mask is null && request.History is null && options.LogitBias.IsDefaultOrEmpty && request.Excluded.IsEmpty;

        // 1. Load, 2. Adjust
        ReadOnlySpan<float> values = isPlain ? logits : Load(logits, request);

        // 3. Check
        float largest = values.IsEmpty ? float.NaN : TensorPrimitives.Max(values);
        if (!float.IsFinite(largest)) return new SampledToken(-1, null, null);

        // 4. Greedy, 5. Draw
        int index = options.Temperature == 0f
            ? FirstOf(values, largest)
            : _nucleus.Draw(values, isPlain ? [] : _candidates.Ids, largest, options, request.Choice, request.Position);
        int token = isPlain ? index : _candidates.IdOf(index);

        // 6. Log-probabilities and pressure
        double? pressure = request is { MeasuresPressure: true, Mask: { } mask } ? ConstraintPressure.Of(logits, mask) : null;
        if (options.TopLogprobs is not { } topCount) return new SampledToken(token, null, pressure);
        bool isWhole = isPlain || options.RawLogprobs;
        return new SampledToken(token, Logprobs.Compute(_candidates, isWhole ? logits : values, token, topCount, isWhole), pressure);
    }

    private ReadOnlySpan<float> Load(ReadOnlySpan<float> logits, scoped in SamplingRequest request)
    {
        _candidates.Load(logits, request.Mask);
        _candidates.Adjust(request.Options, request.History);
        if (!request.Excluded.IsEmpty) _candidates.Exclude(request.Excluded);
        return _candidates.Values;
    }

    /// <summary>A value's first index. Two passes, largest and where, are half the time of one that keeps both.</summary>
    private static int FirstOf(ReadOnlySpan<float> values, float value)
        => MemoryMarshal.Cast<float, int>(values).IndexOf(BitConverter.SingleToInt32Bits(value));
}
