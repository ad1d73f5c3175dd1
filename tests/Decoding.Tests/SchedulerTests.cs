using Cluster.Decoding.Models;
using Cluster.Decoding.Tests.Support;
using Cluster.Testing;

namespace Cluster.Decoding.Tests;

/// <summary>Whole runs from a seed: arrivals, lengths, cancellations and faults. Invariants are checked after every step (see
/// <see cref="Bench"/>).</summary>
public class SchedulerTests
{
    private static readonly ModelCapabilities Mixed = new() { MixedBatches = true, ChunkRowsMax = 3, ChunkTokensMax = 40 };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Run_OfAnySeed_EndsEverySequenceWithTheTokensItGetsAlone(int seed)
    {
        var random = new Random(seed);
        LogitsScript script = Scripts.Noise((ulong)seed);
        using var bench = new Bench(script, RandomOptions(random), RandomModel(random));
        int faultEvery = random.Next(2) == 0 ? 0 : random.Next(5, 30);
        bench.Model.OnExecute = (_, run)
            => { if (faultEvery > 0 && run % faultEvery == faultEvery - 1) throw new ModelException("injected"); };
        var runs = new List<(Run Run, CancellationTokenSource Cancellation)>();
        while (runs.Count < 30 || bench.Engine.HasWork)
        {
            if (runs.Count < 30 && random.Next(3) > 0)
            {
                var cancellation = new CancellationTokenSource();
                runs.Add((bench.Submit(RandomJournal(random, runs.Count), cancellation: cancellation.Token), cancellation));
            }
            if (random.Next(20) == 0 && runs.Count > 0) runs[random.Next(runs.Count)].Cancellation.Cancel();
            bench.Step();
            Assert.True(bench.Steps < 50_000, "someone starves");
        }
        foreach (var (run, cancellation) in runs)
        {
            if (run.Outcome is not (AdmissionOutcome.Admitted or AdmissionOutcome.Deferred))
            {
                Assert.Empty(run.Deltas);
                continue;
            }
            var expected = Bench.Alone(run.Journal, script).Tokens;
            if (cancellation.IsCancellationRequested) Assert.Equal(expected[..run.Tokens.Length], run.Tokens);
            else Assert.Equal(expected, run.Tokens);
        }
        EngineSnapshot end = bench.Engine.Snapshot;
        Assert.Equal(0, end.OutstandingTokens);
        Assert.All(end.Slots, slot => Assert.True(slot.Use is SlotUse.Free or SlotUse.Cached));
    }

    [Fact]
    public void Decode_GoesOnInEveryStep_WhileALongPromptComesIn()
    {
        using var bench = new Bench(options: new EngineOptions { StepTokensMax = 8 });
        Run talker = bench.Submit(Bench.Journal([1, 2], 60));
        bench.Step();
        Run reader = bench.Submit(Bench.Journal([.. Enumerable.Range(0, 200)], 5));
        for (int i = 0; i < 20; i++)
        {
            int before = talker.Tokens.Length;
            bench.Step();
            Assert.Equal(before + 1, talker.Tokens.Length);
        }
        Assert.Empty(reader.Tokens);
        Assert.True(bench.Model.LargestChunk <= 8);
        bench.RunUntilIdle();
        Assert.Equal(5, reader.Tokens.Length);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Budget_OfAStep_LeavesTheChunkTheRest_AndAtLeastOneToken(int stepTokensMax)
    {
        using var bench = new Bench(options: new EngineOptions { StepTokensMax = stepTokensMax }, info: FakeModel.SmallInfo(300, slots: 4));
        for (int i = 0; i < 3; i++) bench.Submit(Bench.Journal([1, 2, 3], 100, id: $"{i}"));
        while (bench.Engine.Snapshot.Slots.Count(slot => slot.Use == SlotUse.Decoding) < 3) bench.Step();
        int largest = 0;
        bench.Model.OnExecute = (batch, _) => largest = Math.Max(largest, batch.Chunks.Length == 0 ? 0 : batch.Chunks[0].TokensCount);
        bench.Submit(Bench.Journal([.. Enumerable.Range(0, 20)], 2));
        for (int i = 0; i < 10; i++) bench.Step();
        Assert.Equal(1, largest);
    }

    [Fact]
    public void Queue_IsServedInOrder()
    {
        using var bench = new Bench(info: FakeModel.SmallInfo(300, slots: 2));
        Run[] runs = [.. Enumerable.Range(0, 12).Select(i => bench.Submit(Bench.Journal([1, i], 3 + (i % 4))))];
        var first = new int[runs.Length];
        while (bench.Engine.HasWork)
        {
            bench.Step();
            for (int i = 0; i < runs.Length; i++) if (first[i] == 0 && runs[i].Deltas.Count > 0) first[i] = bench.Steps;
        }
        Assert.Equal(first.Order(), first);
    }

    [Fact]
    public void Cache_ThatCannotHoldAll_PreemptsTheYoungest_AndLosesNothing()
    {
        LogitsScript script = Scripts.Noise(4);
        using var bench = new Bench(script, info: FakeModel.SmallInfo(300, slots: 4) with { CacheTokensMax = 100 });
        Run[] runs = [.. Enumerable.Range(0, 4).Select(i => bench.Submit(Bench.Journal([1, i, 3], 60, new SamplingOptions { Seed = 3 })))];
        bench.RunUntilIdle();
        Assert.True(bench.Engine.Snapshot.Counters.Preemptions > 0);
        foreach (Run run in runs) Assert.Equal(Bench.Alone(run.Journal, script).Tokens, run.Tokens);
    }

    private static EngineOptions RandomOptions(Random random) => new()
    {
        StepTokensMax = random.Next(1, 64),
        SequencesMax = random.Next(0, 5),
        WaitingMax = random.Next(3, 40),
        PrefixTokensMin = random.Next(1, 20),
        PrefixCacheBytesMax = random.Next(3) == 0 ? 0 : random.Next(1, 1000),
        DraftTokensMax = random.Next(2) * 6,
        StepRetriesMax = 1,
    };

    private static ModelInfo RandomModel(Random random)
    {
        ModelInfo info = FakeModel.SmallInfo(300, slots: random.Next(1, 7), contextLength: 128);
        ModelCapabilities capabilities = random.Next(3) == 0 ? Mixed : new ModelCapabilities();
        return info with
        {
            Capabilities = capabilities with { LogitsAtEveryToken = random.Next(2) == 0 },
            CacheTokensMax = random.Next(3) == 0 ? 150 : long.MaxValue,
        };
    }

    private static SequenceJournal RandomJournal(Random random, int number)
    {
        int shared = random.Next(30);
        int[] prompt = [.. Enumerable.Range(0, shared), .. Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(256))];
        var sampling = new SamplingOptions { Temperature = random.Next(2), TopP = 0.8f, Seed = (ulong)number };
        return Bench.Journal(prompt, random.Next(1, 40), sampling, $"r{number}");
    }
}
