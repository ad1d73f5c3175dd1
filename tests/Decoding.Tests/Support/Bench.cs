using System.Collections.Immutable;
using Cluster.Decoding.Models;
using Cluster.Testing;
using Cluster.Tokenization;

namespace Cluster.Decoding.Tests.Support;

/// <summary>An engine on a fake model, stepped by hand, with every invariant checked after every step.</summary>
internal sealed class Bench : IDisposable
{
    public Bench(LogitsScript? script = null, EngineOptions? options = null, ModelInfo? info = null, TimeProvider? time = null,
        ITokenizer? tokenizer = null)
    {
        Tokenizer = tokenizer ?? new FakeTokenizer();
        Model = new FakeModel(info ?? FakeModel.SmallInfo(Tokenizer.Vocabulary.Size), script ?? Scripts.Noise(1));
        Engine = new Engine(Model, Tokenizer, options ?? new EngineOptions(), time ?? TimeProvider.System, null, EngineDrive.ByHand);
    }

    public ITokenizer Tokenizer { get; }

    public FakeModel Model { get; }

    public Engine Engine { get; }

    public int Steps { get; private set; }

    public static SequenceJournal Journal(int[] prompt, int tokensMax, SamplingOptions? sampling = null, string id = "r") => new()
    {
        RequestId = id,
        PromptTokens = [.. prompt],
        Sampling = sampling ?? new SamplingOptions { Temperature = 0 },
        TokensMax = tokensMax,
    };

    public Run Submit(SequenceJournal journal, Grammar.CompiledGrammar? grammar = null, CancellationToken cancellation = default)
    {
        var run = new Run(journal);
        run.Outcome = Engine.Submit(
            new SequenceSubmission { Journal = journal, Grammar = grammar, Sink = run.Add, CancellationToken = cancellation });
        return run;
    }

    public bool Step()
    {
        bool isBusy = Engine.Step();
        Steps++;
        Assert.Empty(EngineInvariants.BrokenIn(Engine.Snapshot, Model.Info));
        Assert.Empty(Model.Violations);
        return isBusy;
    }

    public void RunUntilIdle(int stepsMax = 100_000)
    {
        for (int i = 0; Engine.HasWork; i++)
        {
            Assert.True(i < stepsMax, "the engine does not come to an end");
            Step();
        }
    }

    /// <summary>One sequence on an engine of its own.</summary>
    public static Run Alone(SequenceJournal journal, LogitsScript script, Grammar.CompiledGrammar? grammar = null,
        EngineOptions? options = null)
    {
        using var bench = new Bench(script, options);
        Run run = bench.Submit(journal, grammar);
        bench.RunUntilIdle();
        return run;
    }

    public void Dispose() => Engine.Dispose();
}

/// <summary>What a sink got.</summary>
internal sealed class Run(SequenceJournal journal)
{
    public SequenceJournal Journal { get; } = journal;

    public AdmissionOutcome Outcome { get; set; }

    public List<SequenceDelta> Deltas { get; } = [];

    public ImmutableArray<int> Tokens => [.. Deltas.SelectMany(delta => delta.Tokens)];

    public FinishReason? Finish => Deltas.Count == 0 ? null : Deltas[^1].Finish;

    public SequenceError? Error => Deltas.Count == 0 ? null : Deltas[^1].Error;

    public void Add(SequenceDelta delta)
    {
        Assert.True(Deltas.Count == 0 || Deltas[^1].Finish is null, "nothing comes after the last delta");
        Assert.Equal(Journal.EmittedTokens.Length + Deltas.Sum(earlier => earlier.Tokens.Length), delta.Position);
        Deltas.Add(delta);
    }
}
