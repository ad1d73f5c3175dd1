using System.Runtime.InteropServices;
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
    public async Task Tables_OfOneLongText_BeginAnewUnderItWithTheSameMasks()
    {
        const long bytesMax = 128 << 10;
        const int length = 150;
        var spec = Growing with { Text = """{"type":"array","items":{"type":"integer"},"minItems":100,"uniqueItems":true}""" };
        using var cache = new GrammarCache(new GrammarCacheOptions { GrammarBytesMax = bytesMax });
        CompiledGrammar grammar = (await cache.GetAsync(spec, false, CancellationToken.None)).Grammar!;
        var random = new Random(5);
        GrammarMatcher matcher = GrammarMatcher.Start(grammar, Tokens), unbounded = GrammarMatcher.Start(GrammarCompiler.Compile(spec).Grammar!, Tokens);
        var text = new List<int>();
        long most = 0;
        while (text.Count < length)
        {
            matcher = grammar.InBoundedTables(matcher, CollectionsMarshal.AsSpan(text));
            int[] ids = EngineWalk.Ids(matcher.GetMask());
            Assert.Equal(EngineWalk.Ids(unbounded.GetMask()), ids);
            Assert.Equal(unbounded.TokensToComplete, matcher.TokensToComplete);
            most = Math.Max(most, grammar.TableBytes);
            int token = ids[random.Next(ids.Length)];
            Assert.True(matcher.TryAdvance(token, out matcher) && unbounded.TryAdvance(token, out unbounded));
            text.Add(token);
        }
        Assert.True(grammar.Renewals > 2, $"{grammar.Renewals} renewals, never more than {most} bytes after {text.Count} tokens");
        // One mask may add what it needs.
        Assert.True(most < 8 * bytesMax, $"{most} bytes");
    }

    [Fact]
    public void InBoundedTables_OfTablesThatItsOwnTextFills_DoesNotBeginAnewEachTime()
    {
        CompiledGrammar grammar = GrammarCompiler.Compile(Growing).Grammar!;
        grammar.TableBytesMax = 1;
        GrammarMatcher matcher = GrammarMatcher.Start(grammar, Tokens);
        var text = new List<int>();
        foreach (byte value in "[{\"a\":1,\"b\":2},{\"a\":1,\"c\":3},{}"u8)
        {
            int token = Enumerable.Range(0, Tokens.Size).First(x => Tokens.BytesOf(x).SequenceEqual([value]));
            Assert.True(matcher.TryAdvance(token, out matcher));
            text.Add(token);
            matcher.GetMask();
        }
        matcher = grammar.InBoundedTables(matcher, CollectionsMarshal.AsSpan(text));
        long renewals = grammar.Renewals;
        for (int i = 0; i < 10; i++) matcher = grammar.InBoundedTables(matcher, CollectionsMarshal.AsSpan(text));
        Assert.Equal(renewals, grammar.Renewals);
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
