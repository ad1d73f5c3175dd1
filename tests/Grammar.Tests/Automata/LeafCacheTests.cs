using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Tests.Automata;

public sealed class LeafCacheTests
{
    private const int Entries = 64; // A sweep comes with each sixty-fourth entry.

    private static LeafCache<int, string> Fill(long bytesMax)
    {
        var cache = new LeafCache<int, string>(() => bytesMax, static text => text.Length);
        for (int n = 0; n < Entries; n++) cache.Add(n, new string('x', 100));
        return cache;
    }

    [Fact]
    public void Add_AtTheBound_KeepsAll() => Assert.Equal(Entries * 100, Fill(Entries * 100).Bytes);

    [Fact]
    public void Add_PastTheBound_KeepsTheLatestWithinThreeQuarters()
    {
        LeafCache<int, string> cache = Fill((Entries * 100) - 1);
        Assert.InRange(cache.Bytes, 1, Entries * 100 / 4 * 3);
        Assert.False(cache.TryGet(0, out _));
        Assert.True(cache.TryGet(Entries - 1, out _));
    }

    /// <summary>The kinds' shares make up the whole, so that the bound on all is the bound on each.</summary>
    [Fact]
    public void Shares_MakeUpTheWhole()
    {
        int[] shares = [8, 32, 48, 256, 64, 64, 16, 128];
        Assert.InRange(shares.Sum(SharedAutomata.ShareOf), SharedAutomata.BytesMax - shares.Length, SharedAutomata.BytesMax);
        Assert.True(SharedAutomata.Bytes >= 0);
    }
}
