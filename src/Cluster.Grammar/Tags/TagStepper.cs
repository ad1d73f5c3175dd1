using Cluster.Grammar.Masks;
using Cluster.Grammar.Structure;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tags;

/// <summary>Moves threads over bytes. A segment's successors are entered as soon as it may end, so that every thread stands before a byte.</summary>
internal sealed class TagStepper(TagProgram program, Vocabulary vocabulary)
{
    private readonly MatchEngine?[] _contents = [.. program.Segments.Select(x => x.Content?.EngineOf(vocabulary))];

    public MatchEngine ContentOf(TagSegment segment) => _contents[segment.Id]!;

    public TagState Start()
    {
        var threads = new List<TagThread>();
        foreach (TagEntry entry in program.Start) Enter(threads, entry, null, 0);
        return new TagState([.. threads], 0);
    }

    /// <summary>Reads one byte.</summary>
    /// <param name="from">The threads before it.</param>
    /// <param name="to">Receives the threads after it; none when it is not allowed.</param>
    /// <param name="value">The byte.</param>
    /// <param name="token">The bytes of its token, as far as known.</param>
    /// <param name="index">Its place in the token.</param>
    /// <param name="read">Bytes read before it.</param>
    public void Step(ReadOnlySpan<TagThread> from, List<TagThread> to, byte value, ReadOnlySpan<byte> token, int index, long read)
    {
        to.Clear();
        read++;
        foreach (ref readonly TagThread thread in from)
        {
            TagSegment segment = thread.Segment;
            switch (segment.Kind)
            {
                case SegmentKind.Literal when segment.Text[thread.State] == value:
                    At(to, segment, thread.State + 1, thread.Trace, read);
                    break;
                case SegmentKind.Text:
                    int state = segment.Triggers!.Next(thread.State, value);
                    int[] found = segment.Triggers.FoundAt(state);
                    if (found.Length == 0) Add(to, new TagThread(segment, state, default, thread.Trace));
                    foreach (int trigger in found)
                    {
                        TagTrace? trace = Left(segment, thread.Trace, read - segment.Triggers.Triggers[trigger].Length);
                        foreach (TagEntry entry in segment.Targets[trigger]) Enter(to, entry, trace, read);
                    }
                    break;
                case SegmentKind.Content:
                    Cursor inner = thread.Inner;
                    if (!ContentOf(segment).Step(ref inner, value, token, index)) break;
                    Add(to, thread with { Inner = inner });
                    if (ContentOf(segment).IsComplete(inner)) Leave(to, segment, thread.Trace, read);
                    break;
            }
        }
    }

    /// <summary>Ends a token: the threads no longer refer to it.</summary>
    public void Commit(List<TagThread> threads, ReadOnlySpan<byte> token)
    {
        for (int i = 0; i < threads.Count; i++)
        {
            if (threads[i].Segment.Kind != SegmentKind.Content) continue;
            Cursor inner = threads[i].Inner;
            ContentOf(threads[i].Segment).Commit(ref inner, token);
            threads[i] = threads[i] with { Inner = inner };
        }
    }

    private void Enter(List<TagThread> to, TagEntry entry, TagTrace? trace, long read)
    {
        if (entry.Segment.Role == SegmentRole.Begin) trace = new TagTrace(entry.Segment.Tag, read - entry.Position, -1, -1, -1, trace);
        At(to, entry.Segment, entry.Position, trace, read);
    }

    private void At(List<TagThread> to, TagSegment segment, int position, TagTrace? trace, long read)
    {
        switch (segment.Kind)
        {
            case SegmentKind.Literal when position == segment.Text.Length:
                Leave(to, segment, trace, read);
                break;
            case SegmentKind.Content:
                Cursor inner = ContentOf(segment).Start();
                if (Add(to, new TagThread(segment, 0, inner, trace)) && ContentOf(segment).IsComplete(inner)) Leave(to, segment, trace, read);
                break;
            default:
                Add(to, new TagThread(segment, position, default, trace));
                break;
        }
    }

    private void Leave(List<TagThread> to, TagSegment segment, TagTrace? trace, long read)
    {
        trace = Left(segment, trace, read);
        foreach (TagEntry entry in segment.Next) Enter(to, entry, trace, read);
    }

    private static TagTrace? Left(TagSegment segment, TagTrace? trace, long end) => segment.Role switch
    {
        SegmentRole.Begin => trace! with { ContentStart = end },
        SegmentRole.Content => trace! with { ContentEnd = end },
        SegmentRole.End => trace! with { End = end },
        _ => trace,
    };

    /// <summary>Of threads that nothing can tell apart from here on, the first one counts: it ended its contents earlier.</summary>
    private static bool Add(List<TagThread> to, in TagThread thread)
    {
        foreach (TagThread known in to)
        {
            if (known.IsSameAs(thread)) return false;
        }
        to.Add(thread);
        return true;
    }
}
