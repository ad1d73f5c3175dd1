using Cluster.Decoding.Sampling;

namespace Cluster.Decoding.Tests.Sampling;

public class PhiloxTests
{
    [Fact]
    public void Uniform_OfZeros_IsThePublishedVector()
        => Assert.Equal((0x6627e8d5e169c58dUL >> 11) * (1.0 / (1UL << 53)), Philox.Uniform(0, 0, 0, 0));

    [Fact]
    public void Uniform_OverPositions_IsUniform()
    {
        int[] bins = new int[10];
        for (int position = 0; position < 100_000; position++) bins[(int)(Philox.Uniform(7, 1, position, 0) * 10)]++;
        Assert.All(bins, count => Assert.InRange(count, 9_600, 10_400));
    }

    [Fact]
    public void Uniform_ForAnyOtherKey_IsAnotherNumber()
    {
        double one = Philox.Uniform(7, 1, 2, 3);
        Assert.NotEqual(one, Philox.Uniform(8, 1, 2, 3));
        Assert.NotEqual(one, Philox.Uniform(7, 2, 2, 3));
        Assert.NotEqual(one, Philox.Uniform(7, 1, 3, 3));
        Assert.NotEqual(one, Philox.Uniform(7, 1, 2, 4));
    }
}
