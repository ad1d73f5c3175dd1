using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cluster.Decoding.Sampling;

/// <summary>
/// The randomness of one position: for each token id an exponential variate of mean 1. Each token runs a race whose time is its variate
/// over its weight, and the first one in is the draw: token i wins with probability w_i / Σw (the Gumbel-max draw, in times instead of
/// logarithms).
/// </summary>
/// <remarks>
/// Rejected: one uniform number and the running sum of weights. There a change in the last bit of one logit moves the borders of all
/// tokens after it, so that a sequence continued on another replica, whose prompt pass rounds otherwise, now and then draws another
/// token far from any tie. Here the noise belongs to the token, and a rounding decides only where two tokens arrive together.
/// </remarks>
internal readonly struct TokenNoise
{
    /// <summary>Covers the rounding of the vectorised comparison: what passes it is computed exactly.</summary>
    private const float Slack = 1 + 1e-6f;

    private readonly uint _keyA;
    private readonly uint _keyB;

    public TokenNoise(ulong seed, int choice, int position)
    {
        ulong key = Philox.Bits(seed, choice, position);
        (_keyA, _keyB) = ((uint)(key >> 32), (uint)key);
    }

    /// <summary>The token's time for weight 1.</summary>
    public double Of(int id) => -Math.Log(1 - ((Hash((uint)id) + 0.5) * (1.0 / 4_294_967_296)));

    /// <summary>Index of the weight that arrives first among those that rank before <paramref name="limit"/>: larger ones, and equal ones
    /// of a lower index. -1 where no such weight is above zero.</summary>
    /// <param name="weights">Unnormalised probabilities.</param>
    /// <param name="ids">Token id of each; empty where the index is the id.</param>
    /// <param name="limit">Index of a weight; -1 for no limit.</param>
    public int First(ReadOnlySpan<float> weights, ReadOnlySpan<int> ids, int limit)
    {
        var lead = new Lead(-1, double.PositiveInfinity);
        float floor = limit < 0 ? 0 : weights[limit];
        int width = Vector<float>.Count, start = Vector512.IsHardwareAccelerated ? RunWide(weights, ids, floor, limit, ref lead) : 0;
        Vector<uint> steps = Vector<uint>.Indices;
        for (; start <= weights.Length - width; start += width)
        {
            // A variate is never below its uniform number, so few tokens need the logarithm.
            Vector<uint> block = ids.IsEmpty ? steps + new Vector<uint>((uint)start) : new Vector<uint>(MemoryMarshal.Cast<int, uint>(ids)[start..]);
            Vector<float> uniform = Vector.ConvertToSingle(Vector.AsVectorInt32(Hash(block) >>> 1)) * (1f / 2_147_483_648);
            var weight = new Vector<float>(weights[start..]);
            var mayLead = Vector.LessThanOrEqual(uniform, weight * ((float)lead.Time * Slack));
            if (Vector.EqualsAll(mayLead, Vector<int>.Zero)) continue;
            for (int i = start; i < start + width; i++) Run(weights, ids, i, floor, limit, ref lead);
        }
        for (; start < weights.Length; start++) Run(weights, ids, start, floor, limit, ref lead);
        return lead.Index;
    }

    /// <summary>The same by sixteen, as far as that goes; which width compares changes nothing, since what passes is computed one by
    /// one.</summary>
    /// <returns>How many weights have run.</returns>
    private int RunWide(ReadOnlySpan<float> weights, ReadOnlySpan<int> ids, float floor, int limit, ref Lead lead)
    {
        int start = 0;
        for (; start <= weights.Length - Vector512<float>.Count; start += Vector512<float>.Count)
        {
            Vector512<uint> block = ids.IsEmpty ? Vector512<uint>.Indices + Vector512.Create((uint)start) : Vector512.Create(MemoryMarshal.Cast<int, uint>(ids)[start..]);
            Vector512<float> uniform = Vector512.ConvertToSingle((Hash(block) >>> 1).AsInt32()) * (1f / 2_147_483_648);
            if (!Vector512.LessThanOrEqualAny(uniform, Vector512.Create(weights[start..]) * ((float)lead.Time * Slack))) continue;
            for (int i = start; i < start + Vector512<float>.Count; i++) Run(weights, ids, i, floor, limit, ref lead);
        }
        return start;
    }

    private void Run(ReadOnlySpan<float> weights, ReadOnlySpan<int> ids, int index, float floor, int limit, ref Lead lead)
    {
        float weight = weights[index];
        if (weight <= 0 || weight < floor || (weight == floor && index >= limit)) return;
        double time = Of(ids.IsEmpty ? index : ids[index]) / weight;
        if (time < lead.Time) lead = new Lead(index, time);
    }

    // Two multiplications mix 32 bits well (the constants are C. Wellons' and T. Ettinger's "lowbias32"); the second half of the key
    // comes in between, so that two positions whose first halves are close share no pattern.
    private uint Hash(uint id)
    {
        uint x = id + _keyA;
        x = ((x ^ (x >> 16)) * 0x21f0aaad) ^ _keyB;
        x = (x ^ (x >> 15)) * 0xd35a2d97;
        return x ^ (x >> 15);
    }

    private Vector<uint> Hash(Vector<uint> ids)
    {
        Vector<uint> x = ids + new Vector<uint>(_keyA);
        x = ((x ^ (x >>> 16)) * 0x21f0aaadu) ^ new Vector<uint>(_keyB);
        x = (x ^ (x >>> 15)) * 0xd35a2d97u;
        return x ^ (x >>> 15);
    }

    private Vector512<uint> Hash(Vector512<uint> ids)
    {
        Vector512<uint> x = ids + Vector512.Create(_keyA);
        x = ((x ^ (x >>> 16)) * 0x21f0aaadu) ^ Vector512.Create(_keyB);
        x = (x ^ (x >>> 15)) * 0xd35a2d97u;
        return x ^ (x >>> 15);
    }

    private readonly record struct Lead(int Index, double Time);
}
