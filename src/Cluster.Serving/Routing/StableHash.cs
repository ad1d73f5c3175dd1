namespace Cluster.Serving.Routing;

/// <summary>FNV-1a, 64 bits: the same on every machine and in every run. Not for adversaries: a collision costs a detour.</summary>
internal static class StableHash
{
    private const ulong Offset = 14_695_981_039_346_656_037;
    private const ulong Prime = 1_099_511_628_211;

    public static ulong Mix(ulong hash, uint value) => (hash ^ value) * Prime;

    public static ulong Of(string text, ulong hash = Offset)
    {
        foreach (char c in text) hash = Mix(hash, c);
        return hash;
    }

    /// <summary>As 32 bits, all of which depend on all of the input.</summary>
    public static uint Fold(ulong hash)
    {
        hash ^= hash >> 33;
        hash *= 0xFF51_AFD7_ED55_8CCD;
        return (uint)(hash >> 32);
    }
}
