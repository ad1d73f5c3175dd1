namespace Cluster.Grammar.Automata.Strings;

/// <summary>Where a string body stands between its code points.</summary>
internal enum BodyPhase : byte
{
    /// <summary>Between two code points. Node: the residual.</summary>
    Boundary,

    /// <summary>After the closing quote. Value: the literal's index, or -1.</summary>
    Closed,

    /// <summary>Inside a UTF-8 sequence whose targets differ. Node: residual before it; Value: its bits so far, shifted to their place; Left: bytes to come.</summary>
    Split,

    /// <summary>Inside a UTF-8 sequence with one target for all that it can become. Node: that target; Value: lead byte that bounds the next byte, or 0.</summary>
    Tail,

    /// <summary>After a backslash. Node: residual before it.</summary>
    Escape,

    /// <summary>Inside <c>\uXXXX</c>. Node: residual before; Value: digits so far; Left: digits to come.</summary>
    Hex,

    /// <summary>Inside <c>\uXXXX</c> with one target for all it can become. Node: that target.</summary>
    HexTail,

    /// <summary>After a high surrogate. Node: residual before; Value: high surrogate &lt;&lt; 16 | low digits so far; Left: bytes to come of <c>\uDXXX</c>.</summary>
    Pair,

    /// <summary>The same with one target for all low surrogates.</summary>
    PairTail,
}

/// <summary>A state of a string body: a residual over code points and the progress of the decoder.</summary>
internal readonly record struct BodyKey(BodyPhase Phase, Node Node, int Value = 0, int Left = 0);
