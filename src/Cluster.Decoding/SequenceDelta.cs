using System.Collections.Immutable;

namespace Cluster.Decoding;

/// <summary>Why a sequence ended.</summary>
public enum FinishReason
{
    /// <summary>End of sequence, or a complete document after which nothing else was possible.</summary>
    Stop,

    /// <summary>The token budget was spent.</summary>
    Length,

    /// <summary>The document was closed early because the budget was nearly spent; it is complete and valid.</summary>
    ForceClosed,

    /// <summary>The caller went away.</summary>
    Cancelled,

    /// <summary>The sequence failed; see <see cref="SequenceDelta.Error"/>.</summary>
    Failed,
}

/// <summary>One token's log-probabilities, natural logarithm, floored at -9999.</summary>
public sealed record TokenLogprob(int Token, float Logprob, ImmutableArray<KeyValuePair<int, float>> Top);

/// <summary>A sequence failed: typed, so that the right request gets the right answer.</summary>
public sealed record SequenceError(SequenceErrorKind Kind, string Message);

public enum SequenceErrorKind
{
    /// <summary>The model failed on this step (device, runtime, NaN logits); another replica may succeed.</summary>
    ModelFailed,

    /// <summary>Prompt and budget do not fit the context or the cache.</summary>
    TooLong,

    /// <summary>The replica's waiting queue is full; another replica, or a later moment, may serve it.</summary>
    Overloaded,

    /// <summary>The replica is draining or stopping; continue elsewhere.</summary>
    Draining,

    /// <summary>The journal was made for another model, tokenizer, template or grammar engine.</summary>
    FingerprintMismatch,

    /// <summary>The replica was lost (process, network, silence); another may continue.</summary>
    ReplicaLost,

    /// <summary>A bug: an invariant did not hold.</summary>
    Internal,
}

/// <summary>Tokens that one step committed for one sequence. One without tokens and without an end says that the sequence has got its slot.</summary>
public sealed record SequenceDelta
{
    private readonly PackedConstraint _constraint;
    private readonly bool _isConstrained;

    public required string RequestId { get; init; }

    public int Choice { get; init; }

    public int Attempt { get; init; }

    /// <summary>Position of the first of <see cref="Tokens"/> among the emitted tokens of the sequence, from 0.</summary>
    public int Position { get; init; }

    /// <summary>Token ids, without end of sequence. A forced run comes whole.</summary>
    public ImmutableArray<int> Tokens { get; init; } = [];

    /// <summary>As many entries as <see cref="Tokens"/> where log-probabilities were asked for; else empty.</summary>
    public ImmutableArray<TokenLogprob> Logprobs { get; init; } = [];

    /// <summary>Set on the last delta of a sequence.</summary>
    public FinishReason? Finish { get; init; }

    public SequenceError? Error { get; init; }

    /// <summary>The token budget has narrowed what the grammar allowed, in this delta; goes into
    /// <see cref="SequenceJournal.BudgetNarrowed"/>.</summary>
    public bool BudgetNarrowed { get; init; }

    /// <summary>Prompt tokens that came from the prefix cache; on the first delta of an attempt.</summary>
    public int CachedPromptTokens { get; init; }

    /// <summary>What the constraint did since the delta before; null for free text.</summary>
    public ConstraintWork? Constraint
    {
        get => _isConstrained ? _constraint.Unpack() : null;
        init => (_isConstrained, _constraint) = (value is not null, PackedConstraint.Of(value ?? default));
    }

    /// <summary>What the attempt cost; on its last delta.</summary>
    public SequenceWork? Work { get; init; }
}

/// <summary>A <see cref="ConstraintWork"/> of one delta in half its size: every token of every stream carries one.</summary>
internal readonly record struct PackedConstraint(int ForcedTokens, int MaskTicks, int Choices, float PressureSum, float PressureMax)
{
    public static PackedConstraint Of(in ConstraintWork work) => new(
        work.ForcedTokens, (int)Math.Min(work.MaskTime.Ticks, int.MaxValue), work.Choices, (float)work.PressureSum, (float)work.PressureMax);

    public ConstraintWork Unpack() => new(ForcedTokens, new TimeSpan(MaskTicks), Choices, PressureSum, PressureMax);
}
