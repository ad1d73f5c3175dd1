namespace Cluster.Chaos;

/// <summary>What a client saw of one stream.</summary>
public interface IStreamOutcome
{
    /// <summary>It ended as it should have, with everything it should have had.</summary>
    bool IsComplete { get; }

    /// <summary>It left a replica before its end.</summary>
    bool IsContinued { get; }

    /// <summary>Why it is not complete; null where it is.</summary>
    string? Failure { get; }

    /// <summary>Tokens that came twice.</summary>
    int Duplicated { get; }

    /// <summary>Tokens that never came.</summary>
    int Missing { get; }

    /// <summary>Finished documents that do not validate.</summary>
    int Invalid { get; }

    /// <summary>One for each hand-over around which the client received something.</summary>
    IReadOnlyList<ClientGap> Gaps();
}

/// <summary>What a client noticed of one hand-over.</summary>
/// <param name="At">When the edge left the replica.</param>
/// <param name="GapMs">The client's wait around it, in milliseconds.</param>
/// <param name="ResumeMs">The part of the wait after the edge had left the replica, in milliseconds.</param>
public readonly record struct ClientGap(long At, double GapMs, double ResumeMs);

/// <summary>Keeps a number of streams running.</summary>
public interface IStreamLoad
{
    IReadOnlyCollection<IStreamOutcome> Outcomes { get; }

    /// <summary>Hand-overs so far, by reason.</summary>
    IReadOnlyDictionary<string, int> Reasons { get; }

    /// <summary>Until the token fires and the streams that run then have ended.</summary>
    Task RunAsync(CancellationToken until);

    /// <summary>Runs the continued streams once more where nothing disturbs them.</summary>
    Task<Comparison> CompareAsync(IChaosModel model);
}

/// <summary>Continued streams against an undisturbed run.</summary>
/// <param name="Equal">Byte for byte the same.</param>
/// <param name="Explained">Different, and the first difference was a decision within the margin of the arithmetic.</param>
/// <param name="Unfinished">Not compared: the undisturbed run did not end in time.</param>
/// <param name="MarginMax">Largest change of the logits that a first difference needed; 0 where none differs.</param>
public sealed record Comparison(int Equal, int Explained, int Unfinished, double MarginMax);
