namespace Cluster.Grammar.Automata;

/// <summary>Why a pattern or a format could not become an automaton.</summary>
public enum LeafRefusalKind
{
    /// <summary>No ECMA-262 regular expression.</summary>
    Malformed,

    /// <summary>Well-formed, but not regular or not supported.</summary>
    Unsupported,

    /// <summary>Past a bound of the engine.</summary>
    TooLarge,
}

/// <param name="Kind">Which class of refusal.</param>
/// <param name="Message">One sentence for the caller, with the place where there is one.</param>
public sealed record LeafRefusal(LeafRefusalKind Kind, string Message);

/// <summary>An answer that may cost too much to find out.</summary>
public enum Answer { No, Yes, OutOfFuel }
