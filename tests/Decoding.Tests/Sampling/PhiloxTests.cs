using Cluster.Decoding.Sampling;
using Cluster.Decoding.Tests.Support;

namespace Cluster.Decoding.Tests.Sampling;

public class PhiloxTests
{
    [Fact]
    public void Bits_OfZeros_AreThePublishedVector() => Assert.Equal(0x6627e8d5e169c58dUL, Philox.Bits(0, 0, 0));

    [Fact]
    public void Bits_OverPositions_AreUniform()
    {
        int[] bins = new int[10];
        for (int position = 0; position < 100_000; position++) bins[(int)(Uniform.Of(7, 1, position) * 10)]++;
        Assert.All(bins, count => Assert.InRange(count, 9_600, 10_400));
    }

    [Fact]
    public void Bits_ForAnyOtherKey_AreOthers()
    {
        ulong one = Philox.Bits(7, 1, 2);
        Assert.NotEqual(one, Philox.Bits(8, 1, 2));
        Assert.NotEqual(one, Philox.Bits(7, 2, 2));
        Assert.NotEqual(one, Philox.Bits(7, 1, 3));
    }
}
