namespace Cluster.Grammar.Tags;

internal enum SegmentKind : byte
{
    /// <summary>A fixed text.</summary>
    Literal,

    /// <summary>Free text up to the first of some triggers.</summary>
    Text,

    /// <summary>A text of a grammar.</summary>
    Content,

    /// <summary>Nothing may follow.</summary>
    Done,
}

/// <summary>What leaving a segment says about the tag that it belongs to.</summary>
internal enum SegmentRole : byte { Plain, Begin, Content, End }

/// <summary>Where a thread enters a segment.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Position">Bytes of a literal that were read before, as the trigger.</param>
internal readonly record struct TagEntry(TagSegment Segment, int Position);

/// <summary>A piece of a structural tag: the nodes of a finite automaton whose letters are fixed texts, free texts and grammars.</summary>
internal sealed class TagSegment(int id, SegmentKind kind, SegmentRole role, int tag)
{
    public int Id { get; } = id;

    public SegmentKind Kind { get; } = kind;

    public SegmentRole Role { get; } = role;

    /// <summary>The tag it belongs to; -1 for none.</summary>
    public int Tag { get; } = tag;

    /// <summary>Literal: its bytes.</summary>
    public byte[] Text { get; init; } = [];

    /// <summary>Content: its grammar.</summary>
    public CompiledGrammar? Content { get; init; }

    /// <summary>Text: finds the triggers.</summary>
    public TriggerDfa? Triggers { get; set; }

    /// <summary>Text: where each trigger leads, by its number.</summary>
    public TagEntry[][] Targets { get; set; } = [];

    /// <summary>Literal and Content: what may follow.</summary>
    public TagEntry[] Next { get; set; } = [];

    /// <summary>Text: the output may end inside it.</summary>
    public bool IsFinal { get; set; }
}
