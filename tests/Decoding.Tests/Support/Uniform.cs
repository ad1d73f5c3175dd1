using Cluster.Decoding.Sampling;

namespace Cluster.Decoding.Tests.Support;

/// <summary>Numbers in [0, 1) for tests: functions of what they are asked for.</summary>
internal static class Uniform
{
    public static double Of(ulong seed, int a, int b) => (Philox.Bits(seed, a, b) >> 11) * (1.0 / (1UL << 53));
}
