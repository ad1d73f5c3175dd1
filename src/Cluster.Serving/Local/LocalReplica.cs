using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cluster.Decoding;
using Cluster.Grammar;

namespace Cluster.Serving.Local;

/// <summary>A replica in this process: compiles the journal's grammar, submits to its engine, and streams what comes back.</summary>
public sealed class LocalReplica(string id, string modelId, string device, Engine engine, ISchemaCompiler compiler) : IReplica, IAsyncDisposable
{
    public string Id { get; } = id;

    public string ModelId { get; } = modelId;

    /// <summary>The decode loop; owned by the replica.</summary>
    public Engine Engine { get; } = engine;

    public ReplicaSnapshot Snapshot
    {
        get
        {
            EngineSnapshot snapshot = Engine.Snapshot;
            return new ReplicaSnapshot
            {
                Id = Id,
                ModelId = ModelId,
                Device = device,
                Health = snapshot.Health switch
                {
                    EngineHealth.Ready => ReplicaHealth.Ready,
                    EngineHealth.Draining => ReplicaHealth.Draining,
                    _ => ReplicaHealth.Failed,
                },
                RunningSequences = snapshot.RunningSequences,
                WaitingSequences = snapshot.WaitingSequences,
                OutstandingTokens = snapshot.OutstandingTokens,
                SlotsMax = snapshot.SlotsMax,
                SlotsUsed = snapshot.RunningSequences,
                Fingerprint = Engine.Options.Fingerprint,
                CacheTokensMax = (long)Engine.Model.ContextLength * snapshot.SlotsMax,
                CacheTokensUsed = snapshot.Slots.Where(slot => slot.Sequence > 0).Sum(slot => (long)slot.Tokens),
                PromptTokens = snapshot.Counters.PromptTokens + snapshot.Counters.CachedPromptTokens,
                CachedPromptTokens = snapshot.Counters.CachedPromptTokens,
            };
        }
    }

    public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CompiledGrammar? grammar = null;
        if (journal.Grammar is { } spec)
        {
            CompileResult compiled = await compiler.CompileAsync(spec, journal.GrammarBestEffort, cancellationToken).ConfigureAwait(false);
            grammar = compiled.Grammar;
            if (grammar is null)
            {
                yield return Refusal(journal, SequenceErrorKind.FingerprintMismatch, "The grammar that the edge accepted was refused here.");
                yield break;
            }
        }

        // The sequence itself bounds the channel: at most its token budget of deltas.
        var deltas = Channel.CreateUnbounded<SequenceDelta>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        AdmissionOutcome outcome = Engine.Submit(new SequenceSubmission
        {
            Journal = journal,
            Grammar = grammar,
            Began = () => deltas.Writer.TryWrite(Empty(journal)),
            Sink = delta =>
            {
                deltas.Writer.TryWrite(delta);
                if (delta.Finish is not null) deltas.Writer.Complete();
            },
            CancellationToken = cancellation.Token,
        });
        if (RefusalOf(outcome) is { } refusal)
        {
            yield return Refusal(journal, refusal, $"The replica answered {outcome}.");
            yield break;
        }
        try
        {
            await foreach (SequenceDelta delta in deltas.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return delta;
        }
        finally
        {
            // A reader that stops early (gone client, stop string) frees the slot at the next step.
            await cancellation.CancelAsync().ConfigureAwait(false);
        }
    }

    private static SequenceErrorKind? RefusalOf(AdmissionOutcome outcome) => outcome switch
    {
        AdmissionOutcome.Admitted or AdmissionOutcome.Deferred => null,
        AdmissionOutcome.Overloaded => SequenceErrorKind.Overloaded,
        AdmissionOutcome.Draining => SequenceErrorKind.Draining,
        AdmissionOutcome.FingerprintMismatch => SequenceErrorKind.FingerprintMismatch,
        _ => SequenceErrorKind.TooLong,
    };

    private static SequenceDelta Refusal(SequenceJournal journal, SequenceErrorKind kind, string message)
        => Empty(journal) with { Finish = FinishReason.Failed, Error = new SequenceError(kind, message) };

    private static SequenceDelta Empty(SequenceJournal journal) => new()
    {
        RequestId = journal.RequestId,
        Choice = journal.Choice,
        Attempt = journal.Attempt,
        Position = journal.EmittedTokens.Length,
    };

    /// <summary>Hands running sequences back, then frees the device.</summary>
    public async ValueTask DisposeAsync()
    {
        await Engine.DrainAsync(TimeSpan.Zero).ConfigureAwait(false);
        Engine.Dispose();
    }
}
