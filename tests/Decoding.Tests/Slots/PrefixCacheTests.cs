using Cluster.Decoding.Tests.Support;
using Cluster.Testing;

namespace Cluster.Decoding.Tests.Slots;

public class PrefixCacheTests
{
    private static readonly int[] System = [.. Enumerable.Range(0, 50)];

    [Fact]
    public void Prompt_ThatBeginsLikeAFinishedOne_IsProcessedFromWhereTheyPart()
    {
        using var bench = new Bench(Scripts.WithoutEnd(Scripts.Noise(1)));
        bench.Submit(Bench.Journal([.. System, 100, 101], 5));
        bench.RunUntilIdle();
        long before = bench.Model.TokensRun;
        Run second = bench.Submit(Bench.Journal([.. System, 200, 201], 1));
        bench.RunUntilIdle();
        Assert.Equal(50, second.Deltas[0].CachedPromptTokens);
        Assert.Equal(2, bench.Model.TokensRun - before);
        Assert.Equal(50, bench.Engine.Snapshot.Counters.CachedPromptTokens);
    }

    [Fact]
    public void Prompt_ThatBeginsLikeARunningOne_SharesItsSlot()
    {
        LogitsScript script = Scripts.WithoutEnd(Scripts.Noise(1));
        using var bench = new Bench(script);
        bench.Submit(Bench.Journal([.. System, 100], 50));
        bench.Step();
        bench.Step();
        Run second = bench.Submit(Bench.Journal([.. System, 200], 5));
        bench.RunUntilIdle();
        Assert.Equal(50, second.Deltas[0].CachedPromptTokens);
        Assert.Equal(Bench.Alone(second.Journal, script).Tokens, second.Tokens);
    }

    [Fact]
    public void Prompt_ThatIsWhollyCached_StillRunsItsLastToken()
    {
        using var bench = new Bench(Scripts.WithoutEnd(Scripts.Noise(1)));
        bench.Submit(Bench.Journal(System, 5));
        bench.RunUntilIdle();
        Run again = bench.Submit(Bench.Journal(System, 5));
        bench.RunUntilIdle();
        Assert.Equal(49, again.Deltas[0].CachedPromptTokens);
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(15, 0)]
    public void Sharing_AtAndBelowItsLeastLength(int common, int expected)
    {
        using var bench = new Bench(Scripts.WithoutEnd(Scripts.Noise(1)), new EngineOptions { PrefixTokensMin = 16 });
        bench.Submit(Bench.Journal([.. Enumerable.Range(0, common), .. Enumerable.Repeat(200, 20)], 2));
        bench.RunUntilIdle();
        Run second = bench.Submit(Bench.Journal([.. Enumerable.Range(0, common), 201, 202], 2));
        bench.RunUntilIdle();
        Assert.Equal(expected, second.Deltas[0].CachedPromptTokens);
    }

    [Theory]
    [InlineData(51, 1)]
    [InlineData(50, 0)]
    public void Bytes_AtAndPastTheBound(long bytesMax, int kept)
    {
        using var bench = new Bench(Scripts.WithoutEnd(Scripts.Noise(1)), new EngineOptions { PrefixCacheBytesMax = bytesMax });
        bench.Submit(Bench.Journal(System, 2));
        bench.RunUntilIdle();
        Assert.Equal(kept, bench.Engine.Snapshot.Slots.Count(slot => slot.Use == SlotUse.Cached));
    }

    [Fact]
    public void Bound_OfBytes_LetsTheLeastRecentlyUsedGo()
    {
        using var bench = new Bench(Scripts.WithoutEnd(Scripts.Noise(1)), new EngineOptions { PrefixCacheBytesMax = 75 },
            FakeModel.SmallInfo(300, slots: 8));
        int[] Prompt(int kind) => [.. Enumerable.Repeat(kind, 30)];
        int Cached(int kind)
        {
            Run run = bench.Submit(Bench.Journal(Prompt(kind), 1));
            bench.RunUntilIdle();
            return run.Deltas[0].CachedPromptTokens;
        }
        Assert.Equal([0, 0, 29, 0, 29, 0], (int[])[Cached(1), Cached(2), Cached(1), Cached(3), Cached(1), Cached(2)]);
    }

    [Fact]
    public void Cache_TurnedOff_SharesNothing()
    {
        using var bench = new Bench(Scripts.WithoutEnd(Scripts.Noise(1)), new EngineOptions { PrefixCacheBytesMax = 0 });
        bench.Submit(Bench.Journal(System, 2));
        bench.RunUntilIdle();
        Run again = bench.Submit(Bench.Journal(System, 2));
        bench.RunUntilIdle();
        Assert.Equal(0, again.Deltas[0].CachedPromptTokens);
        Assert.Equal(0, bench.Engine.Snapshot.Counters.SlotCopies);
    }
}
