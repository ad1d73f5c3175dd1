using Cluster.Grammar.Tests.Support;
using Cluster.Testing;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>A document always closes inside the budget, and the masks of a state are the same for everyone.</summary>
public sealed class ClosingTests
{
    private static readonly Vocabulary Tokens = OracleVocabulary.Full();

    public static TheoryData<SchemaCase> Satisfiable() => [.. CaseFile.All().Where(it => it.Valid.Length > 0 && it.Refused.Length == 0)];

    [Theory]
    [MemberData(nameof(Satisfiable), DisableDiscoveryEnumeration = true)]
    public void Run_AnyBudgetFromTheBoundUp_EndsComplete(SchemaCase it)
    {
        var grammar = Compile(it);
        int fewest = GrammarMatcher.Start(grammar, Tokens).TokensToComplete;
        var random = new Random(3);
        for (int extra = 0; extra < 12; extra++)
        {
            // Sample fails on an empty mask, on a token that is taken back, and on a budget that is used up.
            var (_, tokens) = EngineWalk.Sample(grammar, Tokens, random, fewest + extra, endShare: 0);
            Assert.True(tokens.Count <= fewest + extra);
        }
    }

    /// <summary>Nesting may go on for ever, and some of it cannot end at once.</summary>
    [Theory]
    [InlineData("""{"items":{"$ref":"#"}}""")]
    [InlineData("""{"type":["array","null"],"items":{"$ref":"#"},"minItems":1}""")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"type":"object","required":["b"],"additionalProperties":{"$ref":"#/$defs/a"},"properties":{"b":{"anyOf":[{"type":"array","minItems":1,"items":{"anyOf":[{"type":"array","minItems":1,"items":{"type":"array"}},{"$ref":"#/$defs/a"}]}},{"$ref":"#/$defs/a"}]}}}}}""")]
    public void Mask_AtTheDeepestNesting_IsNeverEmpty(string schema)
    {
        foreach (int depthMax in (int[])[4, 5, 7, 12])
        {
            var compiled = EngineWalk.Compile(schema, new GrammarOptions { Order = PropertyOrder.Any, DepthMax = depthMax });
            Assert.NotNull(compiled.Grammar);
            int deepest = 0;
            for (int seed = 0; seed < 30; seed++)
            {
                // Mostly brackets, so that the cap is met; Assert.True fails on an empty mask and on a token that is taken back.
                var random = new Random(seed);
                var matcher = GrammarMatcher.Start(compiled.Grammar, Tokens);
                int depth = 0;
                for (int step = 0; step < 60; step++)
                {
                    int[] going = [.. EngineWalk.Ids(matcher.GetMask()).Where(token => !Tokens.IsEnd(token))];
                    Assert.True(going.Length > 0 || matcher.IsComplete, $"{depthMax}, seed {seed}: no token after {step}");
                    if (going.Length == 0) break;
                    int[] opening = [.. going.Where(token => Tokens.BytesOf(token).IndexOfAny((byte)'[', (byte)'{', (byte)'"') >= 0)];
                    int[] among = opening.Length > 0 && random.Next(4) > 0 ? opening : going;
                    int token = among[random.Next(among.Length)];
                    Assert.True(matcher.TryAdvance(token, out matcher));
                    depth += Tokens.BytesOf(token).Count((byte)'[') + Tokens.BytesOf(token).Count((byte)'{') - Tokens.BytesOf(token).Count((byte)']') - Tokens.BytesOf(token).Count((byte)'}');
                    deepest = Math.Max(deepest, depth);
                }
                for (int left = matcher.TokensToComplete; !matcher.IsComplete; left--)
                {
                    int token = EngineWalk.Ids(matcher.GetMask(left)).First(token => !Tokens.IsEnd(token));
                    Assert.True(matcher.TryAdvance(token, out matcher));
                    Assert.True(left > 0);
                }
            }
            Assert.True(deepest >= depthMax - 3, $"the cap of {depthMax} was never near: {deepest}");
        }
    }

    [Fact]
    public void Compile_DocumentDeeperThanTheCap_IsRefused()
    {
        const string Schema = """{"type":"array","minItems":1,"items":{"type":"array","minItems":1,"items":{"type":"array"}}}""";
        Assert.NotNull(EngineWalk.Compile(Schema, new GrammarOptions { DepthMax = 3 }).Grammar);
        Assert.Equal(SchemaRejectionKind.TooLarge, Assert.Single(EngineWalk.Compile(Schema, new GrammarOptions { DepthMax = 2 }).Rejections).Kind);
    }

    [Theory]
    [MemberData(nameof(Satisfiable), DisableDiscoveryEnumeration = true)]
    public void Mask_WithBudget_AllowsWhatStillFits(SchemaCase it)
    {
        var matcher = GrammarMatcher.Start(Compile(it), Tokens);
        var random = new Random(4);
        for (int step = 0; step < 25; step++)
        {
            int left = matcher.TokensToComplete + random.Next(3);
            var all = EngineWalk.Ids(matcher.GetMask());
            var expected = all.Where(token => Tokens.IsEnd(token) || (matcher.TryAdvance(token, out var next) && next.TokensToComplete <= left - 1));
            Assert.Equal(expected, EngineWalk.Ids(matcher.GetMask(left)));
            var going = all.Where(token => !Tokens.IsEnd(token)).ToArray();
            if (going.Length == 0) return;
            Assert.True(matcher.TryAdvance(going[random.Next(going.Length)], out matcher));
        }
    }

    [Theory]
    [MemberData(nameof(Satisfiable), DisableDiscoveryEnumeration = true)]
    public void Mask_EveryToken_AllowedExactlyIfItCanBeTaken(SchemaCase it)
    {
        var matcher = GrammarMatcher.Start(Compile(it), Tokens);
        var random = new Random(5);
        for (int step = 0; step < 30; step++)
        {
            var mask = matcher.GetMask();
            var here = matcher;
            Assert.Equal(Enumerable.Range(0, Tokens.Size).Where(token => here.TryAdvance(token, out _)), EngineWalk.Ids(mask));
            var going = EngineWalk.Ids(mask).Where(token => !Tokens.IsEnd(token)).ToArray();
            if (going.Length == 0) return;
            Assert.True(matcher.TryAdvance(going[random.Next(going.Length)], out matcher));
        }
    }

    [Theory]
    [MemberData(nameof(Satisfiable), DisableDiscoveryEnumeration = true)]
    public void ForcedBytes_EveryContinuation_BeginsWithThem(SchemaCase it)
    {
        var grammar = Compile(it);
        var random = new Random(6);
        for (int run = 0; run < 4; run++)
        {
            var (text, _) = EngineWalk.Sample(grammar, Tokens, random, 40);
            byte[] bytes = SchemaSuite.Utf8(text);
            var matcher = GrammarMatcher.Start(grammar, Tokens);
            for (int at = 0; at < bytes.Length; at++)
            {
                byte[] forced = matcher.GetForcedBytes().ToArray();
                Assert.True(bytes.AsSpan(at).StartsWith(forced), $"{text} at {at}: forced {System.Text.Encoding.UTF8.GetString(forced)}");
                if (forced.Length > 0) Assert.Single(EngineWalk.Ids(matcher.GetMask()), id => id < 256);
                Assert.True(matcher.TryAdvance(bytes[at], out matcher));
            }
        }
    }

    [Fact]
    public void Masks_ForkedRolledBackAndReplayedOnSeveralThreads_AreTheSame()
    {
        var cases = CaseFile.All().Where(it => it.Valid.Length > 0 && it.Refused.Length == 0).ToList();
        var expected = cases.Select(it => Trace(Compile(it), seed: 9)).ToList();
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, thread =>
        {
            for (int i = 0; i < cases.Count; i++)
            {
                int at = (i + thread * 17) % cases.Count;
                Assert.Equal(expected[at], Trace(Compile(cases[at]), seed: 9));
            }
        });
    }

    /// <summary>Masks along a random walk that tries every way and goes back; old cursors are asked again at the end.</summary>
    private static List<string> Trace(CompiledGrammar grammar, int seed)
    {
        var random = new Random(seed);
        var cursors = new List<GrammarMatcher> { GrammarMatcher.Start(grammar, Tokens) };
        var masks = new List<string>();
        for (int step = 0; step < 20; step++)
        {
            var matcher = cursors[^1];
            var going = EngineWalk.Ids(matcher.GetMask()).Where(token => !Tokens.IsEnd(token)).ToArray();
            masks.Add(Show(matcher));
            if (going.Length == 0) break;
            foreach (int token in going.Take(8)) Assert.True(matcher.TryAdvance(token, out _));
            Assert.True(matcher.TryAdvance(going[random.Next(going.Length)], out var next));
            cursors.Add(next);
        }
        for (int i = cursors.Count - 1; i >= 0; i--)
        {
            if (i < masks.Count) Assert.Equal(masks[i], Show(cursors[i]));
        }
        return masks;
    }

    private static string Show(GrammarMatcher matcher) => $"{matcher.TokensToComplete} {matcher.IsComplete} {string.Join(',', EngineWalk.Ids(matcher.GetMask()))}";

    private static CompiledGrammar Compile(SchemaCase it)
    {
        var compiled = EngineWalk.Compile(it.Schema, new GrammarOptions { Order = PropertyOrder.Any });
        Assert.True(compiled.Grammar is not null, compiled.Rejections.FirstOrDefault()?.ToString());
        return compiled.Grammar;
    }
}
