using System.Collections.Immutable;

namespace Cluster.Decoding.Steps;

internal readonly record struct Delivery(Sequence Sequence, SequenceDelta Delta);

/// <summary>Deltas that a step has committed, on their way to the sinks: taken under the engine's lock, handed over when it is
/// free.</summary>
internal sealed class Outbox(int vocabularySize)
{
    /// <summary>Most deltas hold one token; each id's array is made once.</summary>
    private readonly ImmutableArray<int>[] _singles = new ImmutableArray<int>[vocabularySize];
    private List<Delivery> _deltas = [];
    private List<Delivery> _taken = [];

    /// <summary>The time of the step that is being planned or committed.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>Puts in whatever a sequence has not delivered yet; with a finish or an error, its last delta.</summary>
    public void Add(Sequence sequence, FinishReason? finish = null, SequenceError? error = null)
    {
        if (finish is null && sequence.Delivered == sequence.Emitted) return;
        if (sequence.Delivered < sequence.Emitted) sequence.Clock.Emitted(Now);
        _deltas.Add(new Delivery(sequence, new SequenceDelta
        {
            RequestId = sequence.Journal.RequestId,
            Choice = sequence.Journal.Choice,
            Attempt = sequence.Journal.Attempt,
            Position = sequence.Delivered,
            Tokens = ArrayOf(sequence.Tokens[(sequence.PromptLength + sequence.Delivered)..]),
            Logprobs = sequence.Logprobs is { Count: > 0 } logprobs ? [.. logprobs] : [],
            Finish = finish,
            Error = error,
            BudgetNarrowed = sequence.BudgetNarrowed,
            CachedPromptTokens = sequence.HasDelivered ? 0 : sequence.CachedPromptTokens,
            Constraint = sequence.Clock.TakeConstraint(),
            Work = finish is null ? null : sequence.Clock.Sum(Now),
        }));
        sequence.Delivered = sequence.Emitted;
        sequence.HasDelivered = true;
        sequence.Logprobs?.Clear();
    }

    /// <summary>What has come together since the last call; the list is the engine thread's until its next call.</summary>
    public List<Delivery> Take()
    {
        (_deltas, _taken) = (_taken, _deltas);
        _deltas.Clear();
        return _taken;
    }

    /// <summary>The same in a list of its own, for a thread beside the engine's.</summary>
    public List<Delivery> TakeAll()
    {
        List<Delivery> all = _deltas;
        _deltas = [];
        return all;
    }

    /// <summary>Calls the sinks. One that throws cancels its own sequence.</summary>
    public static void Deliver(List<Delivery> deliveries)
    {
        foreach (var (sequence, delta) in deliveries)
        {
            try
            {
                sequence.Submission.Sink(delta);
            }
            catch (Exception)
            {
                sequence.IsCancelled = true;
            }
        }
    }

    private ImmutableArray<int> ArrayOf(ReadOnlySpan<int> tokens)
    {
        if (tokens.Length != 1) return ImmutableArray.Create(tokens);
        ref ImmutableArray<int> single = ref _singles[tokens[0]];
        if (single.IsDefault) single = ImmutableArray.Create(tokens);
        return single;
    }
}
