namespace Cluster.Grammar.Tests;

public class GrammarCacheTests
{
    private static GrammarSpec Spec(int n) => new(GrammarKind.JsonSchema, $$"""{"const":"value {{n}}"}""", new GrammarOptions());

    [Fact]
    public async Task Get_SameSource_SharesOneCompile()
    {
        using var cache = new GrammarCache(new GrammarCacheOptions());
        CompileResult[] results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => cache.GetAsync(Spec(1), false, CancellationToken.None)));
        Assert.All(results, result => Assert.Same(results[0], result));
        Assert.Equal(1, cache.Snapshot().Compiles);
        Assert.Equal(49, cache.Snapshot().Hits);
    }

    [Fact]
    public async Task Get_OtherOptionsOrEffort_AreOtherGrammars()
    {
        using var cache = new GrammarCache(new GrammarCacheOptions());
        await cache.GetAsync(Spec(1), false, CancellationToken.None);
        await cache.GetAsync(Spec(1), true, CancellationToken.None);
        await cache.GetAsync(Spec(1) with { Options = new GrammarOptions { Order = PropertyOrder.Any } }, false, CancellationToken.None);
        Assert.Equal(3, cache.Snapshot().Compiles);
    }

    [Fact]
    public async Task Get_ManySources_StaysWithinItsBytes()
    {
        const long bytesMax = 64 << 10;
        using var cache = new GrammarCache(new GrammarCacheOptions { BytesMax = bytesMax });
        for (int n = 0; n < 500; n++)
        {
            await cache.GetAsync(Spec(n), false, CancellationToken.None);
            Assert.True(cache.Snapshot().Bytes <= bytesMax || cache.Snapshot().Entries == 1);
        }
        Assert.True(cache.Snapshot().Evictions > 0);
        Assert.Equal(500, cache.Snapshot().Compiles);
    }

    [Fact]
    public async Task Get_RecentlyUsed_StaysAndOldestGoes()
    {
        using var cache = new GrammarCache(new GrammarCacheOptions { BytesMax = 64 << 10 });
        for (int n = 0; n < 300; n++)
        {
            await cache.GetAsync(Spec(-1), false, CancellationToken.None);
            await cache.GetAsync(Spec(n), false, CancellationToken.None);
        }
        Assert.Equal(301, cache.Snapshot().Compiles);
    }

    [Fact]
    public async Task Get_CallerGone_DoesNotCancelTheOthers()
    {
        using var cache = new GrammarCache(new GrammarCacheOptions());
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cache.GetAsync(Spec(1), false, gone.Token));
        Assert.NotNull((await cache.GetAsync(Spec(1), false, CancellationToken.None)).Grammar);
    }
}
