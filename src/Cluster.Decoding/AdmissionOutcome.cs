namespace Cluster.Decoding;

/// <summary>What became of a submission. Capacity is an outcome, never an exception. Only after the first two will the sink be
/// called.</summary>
public enum AdmissionOutcome
{
    /// <summary>Accepted, and a slot is free for it now.</summary>
    Admitted,

    /// <summary>Accepted; it waits for a slot.</summary>
    Deferred,

    /// <summary>Prompt and budget do not fit the context: no replica of this model can serve it.</summary>
    Unserviceable,

    /// <summary>The waiting queue is full: another replica, or later.</summary>
    Overloaded,

    /// <summary>Even the smallest document does not fit the token budget (<c>max_tokens_too_small</c>).</summary>
    BudgetTooSmall,

    /// <summary>The engine is draining or stopped: another replica.</summary>
    Draining,

    /// <summary>The journal was made for another model, tokenizer, template or grammar engine, or its emitted tokens do not fit its
    /// grammar.</summary>
    FingerprintMismatch,
}
