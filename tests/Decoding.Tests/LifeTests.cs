using System.Threading.Channels;
using Cluster.Decoding.Tests.Support;
using Cluster.Testing;

namespace Cluster.Decoding.Tests;

/// <summary>An engine on its own thread: draining, stopping, a device that hangs.</summary>
public class LifeTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Engine_OnItsThread_StreamsAndSleeps()
    {
        using Engine engine = Start(out _);
        for (int i = 0; i < 3; i++)
        {
            var deltas = Submit(engine, Bench.Journal([1, 2, i], 5));
            Assert.Equal(5, (await ReadAll(deltas)).Sum(delta => delta.Tokens.Length));
        }
        Assert.Equal(EngineHealth.Ready, engine.Snapshot.Health);
    }

    [Fact]
    public async Task Drain_WithoutGrace_HandsBackWhatRunsAndWaits()
    {
        using Engine engine = Start(out FakeModel model);
        model.OnExecute = (_, _) => Thread.Sleep(2);
        ChannelReader<SequenceDelta>[] all = [.. Enumerable.Range(0, 8).Select(i => Submit(engine, Bench.Journal([1, 2, i], 400)))];
        await all[0].WaitToReadAsync();
        await engine.DrainAsync(TimeSpan.Zero).WaitAsync(Soon);
        foreach (var deltas in all) Assert.Equal(SequenceErrorKind.Draining, (await ReadAll(deltas))[^1].Error!.Kind);
        Assert.Equal(EngineHealth.Draining, engine.Snapshot.Health);
        Assert.Equal(AdmissionOutcome.Draining, engine.Submit(new SequenceSubmission { Journal = Bench.Journal([1], 1), Sink = _ => { } }));
    }

    [Fact]
    public async Task Drain_WithGrace_LetsWhatRunsEnd()
    {
        using Engine engine = Start(out _);
        var deltas = Submit(engine, Bench.Journal([1, 2, 3], 50));
        await deltas.WaitToReadAsync();
        await engine.DrainAsync(TimeSpan.FromMinutes(1)).WaitAsync(Soon);
        Assert.Equal(FinishReason.Length, (await ReadAll(deltas))[^1].Finish);
    }

    [Fact]
    public async Task Dispose_HandsBackWhatIsLeft_AndDisposesTheModel()
    {
        Engine engine = Start(out FakeModel model);
        model.OnExecute = (_, _) => Thread.Sleep(2);
        var deltas = Submit(engine, Bench.Journal([1, 2, 3], 400));
        await deltas.WaitToReadAsync();
        engine.Dispose();
        Assert.Equal(SequenceErrorKind.Draining, (await ReadAll(deltas))[^1].Error!.Kind);
        Assert.True(model.IsDisposed);
        Assert.Equal(EngineHealth.Stopped, engine.Snapshot.Health);
    }

    [Fact]
    public async Task Device_ThatHangs_LosesItsSequencesToOthers_AndTheEngineRecovers()
    {
        var time = new ManualTime();
        using Engine engine = Start(out FakeModel model, time);
        using var entered = new ManualResetEventSlim();
        using var interrupted = new ManualResetEventSlim();
        model.OnExecute = (_, run) =>
        {
            if (run != 3) return;
            entered.Set();
            interrupted.Wait(Soon);
            throw new TimeoutException();
        };
        var deltas = Submit(engine, Bench.Journal([1, 2, 3], 50));
        Assert.True(entered.Wait(Soon));
        model.OnInterrupt = () =>
        {
            Assert.Equal(EngineHealth.Stuck, engine.Snapshot.Health);
            Assert.Equal(AdmissionOutcome.Overloaded,
                engine.Submit(new SequenceSubmission { Journal = Bench.Journal([1], 1), Sink = _ => { } }));
            interrupted.Set();
        };
        time.Advance(engine.Options.StuckAfter - TimeSpan.FromSeconds(1));
        Assert.Equal(EngineHealth.Ready, engine.Snapshot.Health);
        time.Advance(TimeSpan.FromSeconds(10));
        SequenceDelta last = (await ReadAll(deltas))[^1];
        Assert.Equal(SequenceErrorKind.ModelFailed, last.Error!.Kind);

        SpinWait.SpinUntil(() => engine.Snapshot.Health == EngineHealth.Ready, Soon);
        Assert.Equal(FinishReason.Length, (await ReadAll(Submit(engine, Bench.Journal([1, 2, 3], 5))))[^1].Finish);
    }

    [Fact]
    public async Task Submissions_FromManyThreads_AllEnd()
    {
        using Engine engine = Start(out FakeModel model);
        await Parallel.ForAsync(0, 100, async (i, _) =>
        {
            var deltas = await ReadAll(Submit(engine, Bench.Journal([1, 2, i], 10)));
            Assert.Equal(10, deltas.Sum(delta => delta.Tokens.Length));
        });
        Assert.Empty(model.Violations);
    }

    private static Engine Start(out FakeModel model, TimeProvider? time = null)
    {
        var tokenizer = new FakeTokenizer();
        model = new FakeModel(FakeModel.SmallInfo(tokenizer.Vocabulary.Size), Scripts.WithoutEnd(Scripts.Noise(1)));
        return new Engine(model, tokenizer, new EngineOptions(), time ?? TimeProvider.System);
    }

    private static ChannelReader<SequenceDelta> Submit(Engine engine, SequenceJournal journal)
    {
        var channel = Channel.CreateUnbounded<SequenceDelta>();
        var outcome = engine.Submit(new SequenceSubmission
        {
            Journal = journal,
            Sink = delta =>
            {
                channel.Writer.TryWrite(delta);
                if (delta.Finish is not null) channel.Writer.Complete();
            },
        });
        Assert.True(outcome is AdmissionOutcome.Admitted or AdmissionOutcome.Deferred);
        return channel.Reader;
    }

    private static async Task<List<SequenceDelta>> ReadAll(ChannelReader<SequenceDelta> deltas)
    {
        var all = new List<SequenceDelta>();
        using var limit = new CancellationTokenSource(Soon);
        await foreach (SequenceDelta delta in deltas.ReadAllAsync(limit.Token)) all.Add(delta);
        return all;
    }
}
