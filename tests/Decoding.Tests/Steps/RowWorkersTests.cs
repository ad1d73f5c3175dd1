using Cluster.Decoding.Steps;
using Cluster.Decoding.Tests.Support;
using Cluster.Testing;
using Cluster.Tokenization;

namespace Cluster.Decoding.Tests.Steps;

public class RowWorkersTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void Run_DoesEveryRowOnce_OnThreadsOfTheirOwnNumber(int helpers)
    {
        int[] done = new int[40];
        int[] running = new int[helpers + 1];
        bool isShared = false;
        using var workers = new RowWorkers("test", helpers, (number, row) =>
        {
            if (Interlocked.Increment(ref running[number]) > 1) isShared = true;
            Interlocked.Increment(ref done[row]);
            Interlocked.Decrement(ref running[number]);
        });
        for (int round = 1; round <= 500; round++)
        {
            int rows = round % done.Length;
            Array.Clear(done);
            workers.Run(rows, helpersMax: helpers);
            Assert.All(done[..rows], count => Assert.Equal(1, count));
            Assert.All(done[rows..], count => Assert.Equal(0, count));
        }
        Assert.False(isShared);
    }

    /// <summary>A row that a helper holds on to is waited for; the others go on beside it.</summary>
    [Fact]
    public void Run_WaitsForTheRowThatAHelperHas()
    {
        using var isHeld = new ManualResetEventSlim();
        using var mayEnd = new ManualResetEventSlim();
        int done = 0;
        using var workers = new RowWorkers("test", 1, (number, row) =>
        {
            if (number == 1)
            {
                isHeld.Set();
                mayEnd.Wait(TimeSpan.FromMinutes(1));
            }
            else
            {
                // The engine's thread waits here until the helper has a row, so that there is one to wait for.
                isHeld.Wait(TimeSpan.FromMinutes(1));
                if (Volatile.Read(ref done) == 2) mayEnd.Set();
            }
            Interlocked.Increment(ref done);
        });
        workers.Run(4, helpersMax: 1);
        Assert.Equal(4, done);
    }

    /// <summary>A vocabulary large enough for helpers: with them or without, the same tokens.</summary>
    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public void Engine_OnSeveralThreads_ChoosesTheSameTokens(float temperature)
    {
        string[] words = [.. Enumerable.Range(0, 40_000).Select(i => $"w{i}")];
        var tokenizer = new FakeTokenizer(words);
        Run[] one = Outputs(1), four = Outputs(4);
        for (int i = 0; i < one.Length; i++)
        {
            Assert.Equal(FinishReason.Length, four[i].Finish);
            Assert.Equal(one[i].Tokens, four[i].Tokens);
        }

        Run[] Outputs(int threads)
        {
            var model = new FakeModel(FakeModel.SmallInfo(tokenizer.Vocabulary.Size, slots: 6), Scripts.WithoutEnd(Scripts.Noise(5)));
            using var engine = new Engine(model, tokenizer, new EngineOptions { SamplingThreads = threads }, TimeProvider.System, null, EngineDrive.ByHandWithMaskThread);
            Run[] runs = [.. Enumerable.Range(0, 6).Select(i => new Run(Bench.Journal([i, 1], 12, new SamplingOptions { Temperature = temperature, TopP = 0.9f, Seed = (ulong)i })))];
            foreach (Run run in runs) engine.Submit(new SequenceSubmission { Journal = run.Journal, Sink = run.Add });
            while (engine.HasWork) engine.Step();
            Assert.Empty(model.Violations);
            return runs;
        }
    }
}
