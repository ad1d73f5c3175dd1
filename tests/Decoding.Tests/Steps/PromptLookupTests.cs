using Cluster.Decoding.Models;
using Cluster.Decoding.Tests.Support;
using Cluster.Testing;

namespace Cluster.Decoding.Tests.Steps;

public class PromptLookupTests
{
    private static readonly ModelInfo Info = FakeModel.SmallInfo(300) with { Capabilities = new() { LogitsAtEveryToken = true } };

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    [InlineData(1f)]
    public void Speculation_OnRepetitiveOutput_GivesTheSameTokensInFewerSteps(float temperature)
    {
        long accepted = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            LogitsScript script = Scripts.Markov((ulong)seed, order: 1, spread: 60f);
            SequenceJournal journal = Bench.Journal([1, 2, 3], 200, new SamplingOptions { Temperature = temperature, Seed = (ulong)seed });
            using var bench = new Bench(script, new EngineOptions { DraftTokensMax = 8 }, Info);
            Run run = bench.Submit(journal);
            bench.RunUntilIdle();
            Run plain = Bench.Alone(journal, script);
            Assert.Equal(plain.Tokens, run.Tokens);
            Assert.Equal(plain.Finish, run.Finish);
            accepted += bench.Engine.Snapshot.Counters.AcceptedDraftTokens;
        }
        Assert.True(accepted > 10, $"{accepted} guesses held");
    }

    [Fact]
    public void Speculation_WhereTheGraphHasOneRowOfLogits_IsOff()
    {
        using var bench = new Bench(Scripts.Markov(1, 1, 40f), new EngineOptions { DraftTokensMax = 8 });
        bench.Submit(Bench.Journal([1, 2, 3], 100));
        bench.RunUntilIdle();
        Assert.Equal(0, bench.Engine.Snapshot.Counters.DraftedTokens);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(1)]
    public void Drafts_AreAsManyAsTheOptionSays(int draftTokensMax)
    {
        using var bench = new Bench(Scripts.Markov(1, 1, 40f), new EngineOptions { DraftTokensMax = draftTokensMax }, Info);
        bench.Submit(Bench.Journal([1, 2, 3], 100));
        bench.Step();
        int largest = bench.Model.LargestChunk;
        Assert.Equal(3, largest);
        int widest = 0;
        bench.Model.OnExecute = (batch, _) => widest = Math.Max(widest, batch.Tokens.Length);
        bench.RunUntilIdle();
        Assert.Equal(draftTokensMax + 1, widest);
    }
}
