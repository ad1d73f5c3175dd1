namespace Cluster.Tokenization.Patterns;

/// <summary>Whose reading of the same characters.</summary>
internal enum PatternDialect
{
    /// <summary>^ and $ are about lines, {n,m}+ repeats a repetition: tokenizer.json.</summary>
    Ruby,

    /// <summary>^ and $ are about the text, {n,m}+ is possessive: tiktoken.</summary>
    Rust,
}

internal enum RepeatMode { Greedy, Lazy, Possessive }

internal enum AnchorKind { LineStart, LineEnd, TextStart, TextEnd, TextEndBeforeNewLine, WordBoundary, NotWordBoundary }

/// <summary>What a pattern means, before it is compiled.</summary>
internal abstract record PatternNode
{
    public sealed record One(CodePointSet Set) : PatternNode;

    public sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

    public sealed record Choice(IReadOnlyList<PatternNode> Branches) : PatternNode;

    public sealed record Repeat(PatternNode Body, int Min, int Max, RepeatMode Mode) : PatternNode;

    public sealed record Look(PatternNode Body, bool Behind, bool Negative) : PatternNode;

    public sealed record Atomic(PatternNode Body) : PatternNode;

    public sealed record Anchor(AnchorKind Kind) : PatternNode;

    /// <summary>Number of code points that every match has, or null where it varies.</summary>
    public int? FixedLength() => this switch
    {
        One => 1,
        Sequence sequence => sequence.Parts.Aggregate((int?)0, (sum, part) => sum + part.FixedLength()),
        Choice choice => choice.Branches.Select(branch => branch.FixedLength()).Distinct().ToArray() is [int only] ? only : null,
        Repeat repeat when repeat.Min == repeat.Max => repeat.Body.FixedLength() * repeat.Min,
        Repeat => null,
        Atomic atomic => atomic.Body.FixedLength(),
        _ => 0,
    };

    public bool CanBeEmpty() => this switch
    {
        One => false,
        Sequence sequence => sequence.Parts.All(part => part.CanBeEmpty()),
        Choice choice => choice.Branches.Any(branch => branch.CanBeEmpty()),
        Repeat repeat => repeat.Min == 0 || repeat.Body.CanBeEmpty(),
        Atomic atomic => atomic.Body.CanBeEmpty(),
        _ => true,
    };
}
