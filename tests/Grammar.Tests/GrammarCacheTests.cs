using Cluster.Grammar.Tests.Oracle;
using Cluster.Tokenization;

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

    private static readonly Vocabulary Tokens = OracleVocabulary.Full();

    private static readonly GrammarSpec Growing = new(
        GrammarKind.JsonSchema, """{"type":"array","items":{"type":"object","additionalProperties":{"type":"integer"}},"uniqueItems":true}""", new GrammarOptions());

    /// <summary>A walk on which hardly any state repeats; its masks in order.</summary>
    private static List<string> Walk(CompiledGrammar grammar, int seed)
    {
        var masks = new List<string>();
        var random = new Random(seed);
        GrammarMatcher matcher = GrammarMatcher.Start(grammar, Tokens);
        for (int left = 60; left > matcher.TokensToComplete; left--)
        {
            int[] ids = [.. EngineWalk.Ids(matcher.GetMask(left)).Where(token => !Tokens.IsEnd(token))];
            masks.Add(string.Join(',', ids));
            if (ids.Length == 0) break;
            Assert.True(matcher.TryAdvance(ids[random.Next(ids.Length)], out matcher));
        }
        return masks;
    }

    [Fact]
    public async Task Tables_PastTheirBytes_BeginAnewWithTheSameMasks()
    {
        const long bytesMax = 1 << 20;
        using var cache = new GrammarCache(new GrammarCacheOptions { GrammarBytesMax = bytesMax });
        CompiledGrammar grammar = (await cache.GetAsync(Growing, false, CancellationToken.None)).Grammar!;
        long most = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            List<string> masks = Walk(grammar, seed);
            most = Math.Max(most, grammar.Bytes);
            Assert.Equal(masks, Walk(GrammarCompiler.Compile(Growing).Grammar!, seed));
        }
        Assert.True(grammar.Renewals > 0, $"never more than {most} bytes");
        // One request may add what it needs.
        Assert.True(most < 8 * bytesMax, $"{most} bytes");
        Assert.Equal(grammar.Renewals, cache.Snapshot().Renewals);
    }

    [Fact]
    public async Task Tables_AtTheirBytes_StayAndOnePastBeginAnew()
    {
        CompiledGrammar measured = GrammarCompiler.Compile(Growing).Grammar!;
        Walk(measured, 1);
        foreach (long less in (long[])[0, 1])
        {
            using var cache = new GrammarCache(new GrammarCacheOptions { GrammarBytesMax = measured.TableBytes - less });
            CompiledGrammar grammar = (await cache.GetAsync(Growing, false, CancellationToken.None)).Grammar!;
            Walk(grammar, 1);
            Assert.Equal(0, grammar.Renewals);
            GrammarMatcher.Start(grammar, Tokens);
            Assert.Equal(less, grammar.Renewals);
        }
    }

    [Fact]
    public async Task Snapshot_TablesThatGrew_AreCountedAndEvicted()
    {
        using var cache = new GrammarCache(new GrammarCacheOptions { BytesMax = 1 << 20 });
        CompiledGrammar grammar = (await cache.GetAsync(Growing, false, CancellationToken.None)).Grammar!;
        long before = cache.Snapshot().Bytes;
        for (int seed = 0; grammar.Bytes < 2 << 20; seed++) Walk(grammar, seed);
        Assert.True(cache.Snapshot().Bytes > before + (1 << 20));
        await cache.GetAsync(Spec(1), false, CancellationToken.None);
        await cache.GetAsync(Spec(1), false, CancellationToken.None);
        Assert.Equal(1, cache.Snapshot().Evictions);
        Assert.NotSame(grammar, (await cache.GetAsync(Growing, false, CancellationToken.None)).Grammar);
    }
}
