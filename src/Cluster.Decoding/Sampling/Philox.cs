namespace Cluster.Decoding.Sampling;

/// <summary>
/// Counter-based randomness (Philox 4x32, 10 rounds): a pure function of its key and counter. No state, so a continued sequence draws
/// what the undisturbed one would have drawn, whatever ran beside it.
/// </summary>
internal static class Philox
{
    private const uint MultiplierA = 0xD2511F53, MultiplierB = 0xCD9E8D57;
    private const uint WeylA = 0x9E3779B9, WeylB = 0xBB67AE85;

    /// <summary>64 random bits for one position of one choice.</summary>
    public static ulong Bits(ulong seed, int choice, int position)
    {
        uint a = (uint)position, b = (uint)choice, c = 0, d = 0;
        uint keyA = (uint)seed, keyB = (uint)(seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong productA = (ulong)MultiplierA * a, productB = (ulong)MultiplierB * c;
            a = (uint)(productB >> 32) ^ b ^ keyA;
            b = (uint)productB;
            c = (uint)(productA >> 32) ^ d ^ keyB;
            d = (uint)productA;
            keyA += WeylA;
            keyB += WeylB;
        }
        return (ulong)a << 32 | b;
    }
}
