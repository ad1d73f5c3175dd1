using System.Collections.Immutable;
using Cluster.Decoding;
using Cluster.Decoding.Models;
using Cluster.Grammar;
using Cluster.Serving.Local;
using Cluster.Testing;

namespace Cluster.Serving.Tests.Local;

/// <summary>Whatever happens to a sequence, its stream ends: nobody waits for a delta that never comes.</summary>
public class LocalReplicaTests
{
    private const int ReadersMax = 24;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly string[] Schemas =
    [
        """{"type":"object","properties":{"name":{"type":"string","maxLength":6},"age":{"type":"integer","minimum":0,"maximum":99}},"required":["name","age"],"additionalProperties":false}""",
        """{"type":"array","maxItems":3,"items":{"enum":["a","bb",true,null]}}""",
        """{"type":"object","properties":{"day":{"type":"string","format":"date"},"ok":{"type":"boolean"}},"required":["day"],"additionalProperties":false}""",
    ];

    /// <summary>What a run does to its sequences beside decoding them.</summary>
    public enum Trouble
    {
        None,

        /// <summary>A cache that cannot hold all that run: some go back to the queue and begin again.</summary>
        SmallCache,

        /// <summary>Rows of any length on any slots.</summary>
        MixedBatches,

        /// <summary>Guesses, which are taken back where they do not hold.</summary>
        Guesses,

        /// <summary>Some steps throw, once or twice in a row.</summary>
        FailingSteps,

        /// <summary>Some steps do not come back until they are interrupted.</summary>
        HangingSteps,
    }

    /// <summary>More sequences than slots, short ones; some readers leave early, in the queue or at any token.</summary>
    [Theory]
    [InlineData(Trouble.None)]
    [InlineData(Trouble.SmallCache)]
    [InlineData(Trouble.MixedBatches)]
    [InlineData(Trouble.Guesses)]
    [InlineData(Trouble.FailingSteps)]
    [InlineData(Trouble.HangingSteps)]
    public async Task Streams_InAnyTrouble_AllEnd(Trouble trouble)
    {
        int streams = int.TryParse(Environment.GetEnvironmentVariable("CLUSTER_STRESS_STREAMS"), out int set) ? set : 600;
        await using LocalReplica replica = Open(trouble);
        var unfinished = new List<string>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = ReadersMax };
        await Parallel.ForAsync(0, streams, options, async (number, _) =>
        {
            var state = new StreamState();
            Task reading = ReadAsync(replica, number, state);
            if (await Task.WhenAny(reading, Task.Delay(Deadline)) == reading) await reading;
            else lock (unfinished) unfinished.Add($"stream {number}: {state}, {replica.Engine.Snapshot}");
        });
        Assert.Empty(unfinished);
        Assert.Empty(((FakeModel)_model!).Violations);
        EngineSnapshot left = await IdleAsync(replica.Engine);
        Assert.Equal((0, 0), (left.RunningSequences, left.WaitingSequences));
        Assert.All(left.Slots, slot => Assert.Equal(0, slot.Sequence));
    }

    private IModel? _model;

    private sealed class StreamState
    {
        public int Deltas, Tokens;
        public SequenceDelta? Last;

        public override string ToString() => $"{Deltas} deltas, {Tokens} tokens, last {Last}";
    }

    private static async Task ReadAsync(LocalReplica replica, int number, StreamState state)
    {
        var random = new Random(number);
        SequenceJournal journal = JournalOf(number, random);
        using var leaving = new CancellationTokenSource();
        int leaveAfter = random.Next(4) == 0 ? random.Next(6) : int.MaxValue;
        bool isCancelled = random.Next(2) == 0;
        if (leaveAfter == 0 && isCancelled) leaving.CancelAfter(TimeSpan.FromMilliseconds(random.Next(3)));
        try
        {
            await foreach (SequenceDelta delta in replica.GenerateAsync(journal, leaving.Token))
            {
                Assert.Null(state.Last?.Finish);
                (state.Deltas, state.Tokens, state.Last) = (state.Deltas + 1, state.Tokens + delta.Tokens.Length, delta);
                if (state.Tokens < leaveAfter) continue;
                if (!isCancelled) return;
                await leaving.CancelAsync();
            }
            Assert.NotNull(state.Last?.Finish);
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // It left.
        }
    }

    private static SequenceJournal JournalOf(int number, Random random)
    {
        bool isConstrained = random.Next(2) == 0;
        int[] prompt = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(256))];
        return new SequenceJournal
        {
            RequestId = $"{number}", Choice = random.Next(2), PromptTokens = [.. prompt], TokensMax = isConstrained ? 60 : random.Next(1, 24),
            Grammar = isConstrained ? new GrammarSpec(GrammarKind.JsonSchema, Schemas[random.Next(Schemas.Length)], new GrammarOptions()) : null,
            Prediction = random.Next(4) == 0 ? [.. prompt] : [],
            Sampling = new SamplingOptions
            {
                Seed = (ulong)number, Temperature = random.Next(3) / 2f, TopP = random.Next(2) == 0 ? 1 : 0.9f,
                TopLogprobs = random.Next(4) == 0 ? 2 : null, FrequencyPenalty = random.Next(4) == 0 ? 0.5f : 0,
            },
        };
    }

    private LocalReplica Open(Trouble trouble)
    {
        var tokenizer = new FakeTokenizer();
        ModelInfo info = FakeModel.SmallInfo(tokenizer.Vocabulary.Size, slots: 3, contextLength: 256);
        info = trouble switch
        {
            Trouble.SmallCache => info with { CacheTokensMax = 130 },
            Trouble.MixedBatches => info with { Capabilities = new ModelCapabilities { MixedBatches = true, ChunkRowsMax = 3 } },
            Trouble.Guesses => info with { Capabilities = new ModelCapabilities { LogitsAtEveryToken = true } },
            _ => info,
        };
        var model = new FakeModel(info, Scripts.Noise(3));
        if (trouble == Trouble.FailingSteps)
        {
            model.OnExecute = (_, run) => { if (run % 23 == 0 || run % 46 == 1) throw new ModelException("scripted"); };
        }
        if (trouble == Trouble.HangingSteps)
        {
            var interrupt = new SemaphoreSlim(0);
            model.OnInterrupt = () => interrupt.Release();
            model.OnExecute = (_, run) =>
            {
                if (run % 211 != 210) return;
                interrupt.Wait(Deadline);
                throw new ModelException("interrupted");
            };
        }
        var options = new EngineOptions
        {
            DraftTokensMax = trouble == Trouble.Guesses ? 4 : 0, PrefixTokensMin = 4, StuckAfter = TimeSpan.FromMilliseconds(trouble == Trouble.HangingSteps ? 100 : 30_000),
            StepTokensMax = 16,
        };
        _model = model;
        var compiler = new LocalSchemaCompiler(new GrammarCache(new GrammarCacheOptions()));
        return new LocalReplica("replica", "fake", "cpu", new Engine(model, tokenizer, options, TimeProvider.System), compiler);
    }

    /// <summary>Cancelled sequences leave with the next step.</summary>
    private static async Task<EngineSnapshot> IdleAsync(Engine engine)
    {
        for (long began = Environment.TickCount64; ; await Task.Delay(5))
        {
            EngineSnapshot snapshot = engine.Snapshot;
            if (snapshot.RunningSequences + snapshot.WaitingSequences == 0 || Environment.TickCount64 - began > Deadline.TotalMilliseconds) return snapshot;
        }
    }
}
