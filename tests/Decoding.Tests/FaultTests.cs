using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Cluster.Decoding.Models;
using Cluster.Decoding.Tests.Support;
using Cluster.Testing;
using Cluster.Tokenization;
using Microsoft.Extensions.Logging;

namespace Cluster.Decoding.Tests;

/// <summary>
/// Each fault that a running engine can meet: the right request gets a typed error, a metric counts it, a log line says it without content, and
/// the next request is served. What a model folder can have wrong is in the tests of the loader.
/// </summary>
public sealed class FaultTests : IDisposable
{
    private const int Secret = 217;
    private static readonly LogitsScript Script = Scripts.WithoutEnd(Scripts.Noise(1));

    private readonly string _id = $"faults-{Guid.NewGuid()}";
    private readonly ConcurrentDictionary<string, long> _counted = [];
    private readonly MeterListener _listener = new();
    private readonly LinesLogger _logger = new();
    private readonly FakeTokenizer _tokenizer = new();
    private readonly FakeModel _model;
    private Engine? _engine;

    public FaultTests()
    {
        _model = new FakeModel(FakeModel.SmallInfo(_tokenizer.Vocabulary.Size) with { Id = _id }, Logits);
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == EngineMetrics.MeterName && instrument.Meter.Tags!.Contains(new("model", _id))) self.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Count(instrument.Name, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Count(instrument.Name, value, tags));
        _listener.Start();
    }

    [Fact]
    public void Run_ThatKeepsThrowing_FailsWhatRuns()
    {
        Engine engine = Start();
        _model.OnExecute = (_, run) => { if (run < 2) throw new ModelException("injected"); };
        Run broken = Submit(engine, [1, Secret]);
        StepUntilIdle(engine);
        Assert.Equal(SequenceErrorKind.ModelFailed, broken.Error!.Kind);
        AssertReported("cluster.engine.sequences.failed ModelFailed", engine);
        Assert.Equal(2, _counted["cluster.engine.step.failures"]);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Logits_ThatAreNoNumbers_FailTheirOwnSequence(float value)
    {
        _brokenLogit = value;
        Engine engine = Start();
        Run broken = Submit(engine, [1, Secret]), whole = Submit(engine, [1, 2]);
        StepUntilIdle(engine);
        Assert.Equal(SequenceErrorKind.ModelFailed, broken.Error!.Kind);
        Assert.Equal(FinishReason.Length, whole.Finish);
        AssertReported("cluster.engine.sequences.failed ModelFailed", engine);
    }

    [Fact]
    public void Prompt_LongerThanTheContext_IsRefusedAtOnce()
    {
        Engine engine = Start();
        Run run = Submit(engine, [.. Enumerable.Repeat(Secret, _model.Info.ContextLength)]);
        Assert.Equal(AdmissionOutcome.Unserviceable, run.Outcome);
        Assert.Equal(1, _counted["cluster.engine.submissions Unserviceable"]);
        AssertServes(engine);
    }

    [Fact]
    public void Cache_ThatIsExhausted_SendsTheYoungestBack_AndNobodyFails()
    {
        var info = _model.Info with { CacheTokensMax = 40 };
        using var engine = new Engine(new FakeModel(info, Script), _tokenizer, new EngineOptions(), TimeProvider.System, _logger, EngineDrive.ByHand);
        Run[] runs = [.. Enumerable.Range(0, 4).Select(i => Submit(engine, [1, i, Secret], 30))];
        StepUntilIdle(engine);
        _listener.RecordObservableInstruments();
        Assert.All(runs, run => Assert.Equal(FinishReason.Length, run.Finish));
        Assert.True(_counted["cluster.engine.preemptions"] > 0);
    }

    [Fact]
    public void Queue_ThatIsFull_RefusesTypedAndCounted()
    {
        Engine engine = Start(new EngineOptions { WaitingMax = 1, SequencesMax = 1 });
        Submit(engine, [1]);
        engine.Step();
        Submit(engine, [2]);
        Assert.Equal(AdmissionOutcome.Overloaded, Submit(engine, [3]).Outcome);
        Assert.Equal(1, _counted["cluster.engine.submissions Overloaded"]);
        StepUntilIdle(engine);
        AssertServes(engine);
    }

    [Fact]
    public void Vocabulary_LargerThanTheLogits_IsRefusedByName()
    {
        var info = _model.Info with { VocabularySize = _tokenizer.Vocabulary.Size - 1 };
        var error = Assert.Throws<ArgumentException>(() => new Engine(new FakeModel(info, Script), _tokenizer, new EngineOptions(), TimeProvider.System));
        Assert.Contains("tokenizer", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Device_ThatHangs_IsNoticed_AndTheEngineGoesOnWhenItReturns()
    {
        var time = new ManualTime();
        using var entered = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        _model.OnExecute = (_, run) =>
        {
            if (run != 1) return;
            entered.Set();
            released.Wait(TimeSpan.FromSeconds(20));
            throw new ModelException("interrupted");
        };
        using var engine = new Engine(_model, _tokenizer, new EngineOptions { StepRetriesMax = 0 }, time, _logger);
        var ended = new TaskCompletionSource();
        Run stuck = Submit(engine, [1, Secret], 20, onEnd: () => ended.TrySetResult());
        Assert.True(entered.Wait(TimeSpan.FromSeconds(20)));

        // Nobody answers the interrupt: the sequence is handed back all the same.
        time.Advance(engine.Options.StuckAfter + engine.Options.StuckAfter);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20));
        _listener.RecordObservableInstruments();
        Assert.Equal(1, _counted["cluster.engine.stuck"]);
        Assert.Equal(1, _counted["cluster.engine.sequences.failed ModelFailed"]);
        Assert.Equal(SequenceErrorKind.ModelFailed, stuck.Error!.Kind);
        Assert.Contains(_logger.Lines, line => line.Contains("does not come back", StringComparison.Ordinal));

        released.Set();
        Assert.True(SpinWait.SpinUntil(() => engine.Snapshot.Health == EngineHealth.Ready, TimeSpan.FromSeconds(20)));
        var served = new TaskCompletionSource();
        Run next = Submit(engine, [1, 2], 5, onEnd: () => served.TrySetResult());
        await served.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(FinishReason.Length, next.Finish);
        AssertNoContent();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _engine?.Dispose();
    }

    private float _brokenLogit;

    private void Logits(ReadOnlySpan<int> prefix, Span<float> logits)
    {
        Script(prefix, logits);
        if (_brokenLogit != 0 && prefix.Contains(Secret)) logits.Fill(_brokenLogit);
    }

    private Engine Start(EngineOptions? options = null)
        => _engine = new Engine(_model, _tokenizer, options ?? new EngineOptions(), TimeProvider.System, _logger, EngineDrive.ByHand);

    private static Run Submit(Engine engine, int[] prompt, int tokensMax = 8, Action? onEnd = null)
    {
        var run = new Run(Bench.Journal(prompt, tokensMax));
        run.Outcome = engine.Submit(new SequenceSubmission
        {
            Journal = run.Journal,
            Sink = delta =>
            {
                run.Add(delta);
                if (delta.Finish is not null) onEnd?.Invoke();
            },
        });
        return run;
    }

    private static void StepUntilIdle(Engine engine)
    {
        for (int i = 0; engine.HasWork; i++)
        {
            Assert.True(i < 10_000, "the engine does not come to an end");
            engine.Step();
        }
    }

    private void AssertReported(string metric, Engine engine)
    {
        Assert.Equal(1, _counted[metric]);
        Assert.Contains(_logger.Lines, line => line.Contains($"A sequence of {_id} failed", StringComparison.Ordinal));
        AssertNoContent();
        AssertServes(engine);
    }

    private void AssertNoContent()
        => Assert.DoesNotContain(_logger.Lines, line => line.Replace(_id, "", StringComparison.Ordinal).Contains($"{Secret}", StringComparison.Ordinal));

    private static void AssertServes(Engine engine)
    {
        Run next = Submit(engine, [1, 2]);
        StepUntilIdle(engine);
        Assert.Equal(FinishReason.Length, next.Finish);
    }

    private void Count(string name, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (key, tag) in tags) if (key is "kind" or "outcome") name += $" {tag}";
        _counted.AddOrUpdate(name, value, (_, old) => old + value);
    }

    private sealed class LinesLogger : ILogger<Engine>
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Lines.Enqueue(formatter(state, exception));
    }
}
