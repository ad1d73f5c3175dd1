using System.Numerics;
using Cluster.Grammar.Masks;

namespace Cluster.Decoding.Sampling;

/// <summary>
/// The logits that one draw looks at, after penalties, bias and mask; scratch space of one sampler. Narrow masks are gathered (a closing
/// brace reads two logits, not 150,000); wide ones keep every logit in place and put minus infinity where the mask has a gap.
/// </summary>
internal sealed class Candidates(int vocabularySize)
{
    private readonly float[] _values = new float[vocabularySize];
    private readonly int[] _gathered = new int[vocabularySize];
    private int[]? _ids;

    public int Count { get; private set; }

    public Span<float> Values => _values.AsSpan(0, Count);

    /// <summary>Token ids of the candidates, ascending; empty where each stands at its own id.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, _ids is null ? 0 : Count);

    /// <summary>Token id of the candidate at <paramref name="index"/>; ascending.</summary>
    public int IdOf(int index) => _ids is null ? index : _ids[index];

    /// <summary>Index of a token, or -1 where it is not among the candidates.</summary>
    public int IndexOf(int token)
    {
        if (_ids is null) return (uint)token < (uint)Count ? token : -1;
        int index = _ids.AsSpan(0, Count).BinarySearch(token);
        return index < 0 ? -1 : index;
    }

    /// <param name="logits">All logits of the row.</param>
    /// <param name="mask">What is allowed; null is everything.</param>
    public void Load(ReadOnlySpan<float> logits, in TokenMask? mask)
    {
        if (mask is not { } allowed) LoadAll(logits);
        else if (allowed.IsList) LoadList(logits, allowed.Ids);
        else LoadBits(logits, allowed.Bits);
    }

    /// <summary>Penalties of the tokens seen so far, then the caller's bias.</summary>
    public void Adjust(SamplingOptions options, TokenHistory? history)
    {
        if (history is not null)
        {
            foreach (var (token, count) in history.EmittedCounts)
            {
                int index = IndexOf(token);
                if (index >= 0) _values[index] = TokenHistory.Penalise(_values[index], count, options);
            }
        }
        foreach (var (token, bias) in options.LogitBias.AsSpan())
        {
            int index = IndexOf(token);
            if (index >= 0) _values[index] += bias;
        }
    }

    /// <summary>Takes tokens out, unless nothing else would be left.</summary>
    public void Exclude(ReadOnlySpan<int> tokens)
    {
        int left = 0;
        foreach (float value in Values) if (!float.IsNegativeInfinity(value)) left++;
        foreach (int token in tokens)
        {
            int index = IndexOf(token);
            if (index >= 0 && !float.IsNegativeInfinity(_values[index])) left--;
        }
        if (left <= 0) return;
        foreach (int token in tokens)
        {
            int index = IndexOf(token);
            if (index >= 0) _values[index] = float.NegativeInfinity;
        }
    }

    private void LoadAll(ReadOnlySpan<float> logits)
    {
        logits.CopyTo(_values);
        _ids = null;
        Count = logits.Length;
    }

    private void LoadList(ReadOnlySpan<float> logits, ReadOnlySpan<int> ids)
    {
        _ids = _gathered;
        ids.CopyTo(_gathered);
        for (int i = 0; i < ids.Length; i++) _values[i] = logits[ids[i]];
        Count = ids.Length;
    }

    private void LoadBits(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> bits)
    {
        int allowed = 0;
        foreach (ulong word in bits) allowed += BitOperations.PopCount(word);
        if (allowed < logits.Length / 8) GatherBits(logits, bits);
        else BlankGaps(logits, bits);
    }

    private void GatherBits(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> bits)
    {
        int count = 0;
        for (int word = 0; word < bits.Length; word++)
        {
            for (ulong left = bits[word]; left != 0; left &= left - 1)
            {
                int id = (word << 6) + BitOperations.TrailingZeroCount(left);
                if (id >= logits.Length) break;
                _gathered[count] = id;
                _values[count++] = logits[id];
            }
        }
        _ids = _gathered;
        Count = count;
    }

    private void BlankGaps(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> bits)
    {
        LoadAll(logits);
        Span<float> values = Values;
        int words = Math.Min(bits.Length, (values.Length + 63) >> 6);
        for (int word = 0; word < words; word++)
        {
            int start = word << 6;
            if (bits[word] == 0)
            {
                values.Slice(start, Math.Min(64, values.Length - start)).Fill(float.NegativeInfinity);
                continue;
            }
            for (ulong gaps = ~bits[word]; gaps != 0; gaps &= gaps - 1)
            {
                int id = start + BitOperations.TrailingZeroCount(gaps);
                if (id >= values.Length) break;
                values[id] = float.NegativeInfinity;
            }
        }
        if (words << 6 < values.Length) values[(words << 6)..].Fill(float.NegativeInfinity);
    }
}
