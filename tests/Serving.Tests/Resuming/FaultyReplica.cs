using System.Runtime.CompilerServices;
using Cluster.Decoding;
using Cluster.Serving.Fleet;

namespace Cluster.Serving.Tests.Resuming;

/// <summary>What a replica does wrong, and after how many deltas of an attempt.</summary>
internal enum Fault { None, Throws, EndsEarly, FallsSilent, Drains, ModelFails, SkipsAPosition, RepeatsTokens, RepeatsOtherTokens, SendsOldAttempt, Refuses, DiesWhileItWaits, ThrowsAtThree, HangsAtThree, SaysItDrains }

/// <summary>A replica whose token at position p is always p + 100, with a fault after some deltas.</summary>
internal sealed class FaultyReplica(string id, Fault fault, int deltasBeforeFault, int tokens = 10) : IReplica
{
    private bool _isDraining;

    public List<SequenceJournal> Journals { get; } = [];

    /// <summary>Streams whose reader has left, by cancellation or disposal.</summary>
    public int Left { get; private set; }

    public string Id { get; } = id;

    public string ModelId => "m";

    public ReplicaSnapshot Snapshot => new() { Id = Id, ModelId = ModelId, Health = _isDraining ? ReplicaHealth.Draining : ReplicaHealth.Ready, SlotsMax = 1 };

    public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        lock (Journals) Journals.Add(journal);
        try
        {
            await Task.Yield();
            if (fault == Fault.DiesWhileItWaits) throw new InvalidOperationException("broken");
            yield return Delta(journal, journal.EmittedTokens.Length, 0);
            int deltas = 0;
            for (int position = journal.EmittedTokens.Length; position < tokens; position++)
            {
                if (fault == Fault.ThrowsAtThree && position == 3) throw new InvalidOperationException("broken");
                if (fault == Fault.HangsAtThree && position == 3) throw new ReplicaLostException(Id, isSilent: true);
                if (deltas++ == deltasBeforeFault)
                {
                    switch (fault)
                    {
                        case Fault.SaysItDrains: _isDraining = true; break;
                        case Fault.Throws: throw new InvalidOperationException("broken");
                        case Fault.EndsEarly: yield break;
                        case Fault.FallsSilent: await Task.Delay(Timeout.Infinite, cancellationToken); break;
                        case Fault.Drains: yield return Failed(journal, position, SequenceErrorKind.Draining); yield break;
                        case Fault.ModelFails: yield return Failed(journal, position, SequenceErrorKind.ModelFailed); yield break;
                        case Fault.Refuses: yield return Failed(journal, position, SequenceErrorKind.Overloaded); yield break;
                        case Fault.SkipsAPosition: yield return Delta(journal, position + 1, 1); break;
                        case Fault.RepeatsTokens: yield return Delta(journal, Math.Max(0, position - 2), 3); continue;
                        case Fault.RepeatsOtherTokens:
                            SequenceDelta repeated = Delta(journal, Math.Max(0, position - 2), 3);
                            yield return repeated with { Tokens = [.. repeated.Tokens.Select((token, i) => repeated.Position + i < position ? token + 1 : token)] };
                            continue;
                        case Fault.SendsOldAttempt: yield return Delta(journal with { Attempt = journal.Attempt - 1 }, position, 1); break;
                    }
                }
                yield return Delta(journal, position, 1);
            }
            yield return Delta(journal, tokens, 0) with { Finish = FinishReason.Stop };
        }
        finally
        {
            Left++;
        }
    }

    public static int TokenAt(int position) => position + 100;

    private static SequenceDelta Delta(SequenceJournal journal, int position, int count) => new()
    {
        RequestId = journal.RequestId,
        Attempt = journal.Attempt,
        Position = position,
        Tokens = [.. Enumerable.Range(position, count).Select(TokenAt)],
    };

    private static SequenceDelta Failed(SequenceJournal journal, int position, SequenceErrorKind kind)
        => Delta(journal, position, 0) with { Finish = FinishReason.Failed, Error = new SequenceError(kind, "scripted") };
}
