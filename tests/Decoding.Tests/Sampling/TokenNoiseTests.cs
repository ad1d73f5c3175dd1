using Cluster.Decoding.Sampling;
using Cluster.Decoding.Tests.Support;

namespace Cluster.Decoding.Tests.Sampling;

public class TokenNoiseTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(7, false)]
    [InlineData(64, false)]
    [InlineData(3191, false)]
    [InlineData(1, true)]
    [InlineData(37, true)]
    [InlineData(900, true)]
    public void First_IsTheSmallestTimeOfAllThatMayRun(int count, bool isGathered)
    {
        int[] ids = isGathered ? [.. Enumerable.Range(0, count).Select(i => (i * 7) + 3)] : [];
        for (int position = 0; position < 300; position++)
        {
            var noise = new TokenNoise(11, 2, position);
            float[] weights = [.. Enumerable.Range(0, count).Select(i => Weight(Uniform.Of(5, position, i)))];
            int limit = position % 3 == 0 ? -1 : position % count;

            int expected = Enumerable.Range(0, count)
                .Where(i => weights[i] > 0 && (limit < 0 || weights[i] > weights[limit] || (weights[i] == weights[limit] && i < limit)))
                .OrderBy(i => noise.Of(isGathered ? ids[i] : i) / weights[i]).ThenBy(i => i).FirstOrDefault(-1);

            Assert.Equal(expected, noise.First(weights, ids, limit));
        }

        // Many equal weights, some of zero, some tiny.
        static float Weight(double uniform) => uniform < 0.1 ? 0 : uniform < 0.4 ? 0.25f : (float)Math.Pow(uniform, 30);
    }

    [Fact]
    public void Of_OverTokensAndOverPositions_IsExponentialWithMeanOne()
    {
        var here = new TokenNoise(3, 0, 17);
        AssertExponential([.. Enumerable.Range(0, 100_000).Select(here.Of)]);
        AssertExponential([.. Enumerable.Range(0, 100_000).Select(position => new TokenNoise(3, 0, position).Of(17))]);

        static void AssertExponential(double[] times)
        {
            Assert.InRange(times.Average(), 0.98, 1.02);
            foreach (double at in (double[])[0.001, 0.05, 0.5, 1, 3])
            {
                double expected = times.Length * (1 - Math.Exp(-at));
                Assert.InRange(times.Count(time => time < at), expected - (6 * Math.Sqrt(expected)), expected + (6 * Math.Sqrt(expected)));
            }
        }
    }

    [Fact]
    public void Of_NeighbouringTokensPositionsAndSeeds_IsNotCorrelated()
    {
        AssertIndependent((seed, position, id) => (seed, position, id + 1));
        AssertIndependent((seed, position, id) => (seed, position + 1, id));
        AssertIndependent((seed, position, id) => (seed + 1, position, id));

        static void AssertIndependent(Func<int, int, int, (int Seed, int Position, int Id)> neighbour)
        {
            double sum = 0;
            const int Pairs = 40_000;
            for (int n = 0; n < Pairs; n++)
            {
                (int seed, int position, int id) = (n % 7, n / 100, n % 1_000);
                var other = neighbour(seed, position, id);
                sum += (new TokenNoise((ulong)seed, 0, position).Of(id) - 1) * (new TokenNoise((ulong)other.Seed, 0, other.Position).Of(other.Id) - 1);
            }
            Assert.InRange(sum / Pairs, -0.03, 0.03);
        }
    }
}
