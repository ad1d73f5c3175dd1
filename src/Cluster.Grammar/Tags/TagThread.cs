using Cluster.Grammar.Structure;

namespace Cluster.Grammar.Tags;

/// <summary>One way to read the text so far: where in which segment, and what it made of the text.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="State">Literal: bytes read of it. Text: state of its triggers.</param>
/// <param name="Inner">Content: the cursor in its grammar.</param>
/// <param name="Trace">The tags opened so far.</param>
internal readonly record struct TagThread(TagSegment Segment, int State, Cursor Inner, TagTrace? Trace)
{
    /// <summary>What decides on everything that may follow; false where that is the text of an unfinished key or item too.</summary>
    public bool TryGetKey(out ThreadKey key)
    {
        key = new ThreadKey(Segment, Segment.Kind == SegmentKind.Content ? Inner.State : State, Inner.At, Inner.Stack, Inner.Gap, Inner.Phase, Inner.Spacing);
        return Inner.Key is null && Inner.Captured is null;
    }

    public bool IsSameAs(in TagThread other)
    {
        TryGetKey(out ThreadKey key);
        other.TryGetKey(out ThreadKey otherKey);
        return key == otherKey && Inner.Key == other.Inner.Key && Inner.Captured == other.Inner.Captured && Inner.KeyStart == other.Inner.KeyStart;
    }
}

internal readonly record struct ThreadKey(TagSegment Segment, int State, object? At, Frame? Stack, short Gap, Phase Phase, Spacing Spacing);

/// <summary>All the ways to read the text so far; immutable.</summary>
internal sealed class TagState(TagThread[] threads, long read)
{
    public TagThread[] Threads { get; } = threads;

    /// <summary>Bytes read.</summary>
    public long Read { get; } = read;

    /// <summary>Its mask, once it was asked for.</summary>
    public TagMask? Mask { get; set; }
}
