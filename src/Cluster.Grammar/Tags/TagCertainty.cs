namespace Cluster.Grammar.Tags;

/// <summary>What all the ways to read a text agree on.</summary>
internal static class TagCertainty
{
    /// <summary>The newest tag that every thread has opened, with what they agree on about it.</summary>
    public static TagTrace? TraceOf(TagThread[] threads)
    {
        TagTrace? common = threads.Length == 0 ? null : threads[0].Trace;
        for (int i = 1; i < threads.Length && common is not null; i++)
        {
            if (!ReferenceEquals(threads[i].Trace, common)) common = Meet(common, threads[i].Trace);
        }
        return common;
    }

    /// <summary>How much of the text has its meaning for good.</summary>
    public static long SettledOf(TagState state)
    {
        long settled = state.Read;
        foreach (TagThread thread in state.Threads)
        {
            long own = state.Read;
            if (thread.Segment.Kind == SegmentKind.Text) own -= thread.Segment.Triggers!.DepthOf(thread.State);
            else if (thread.Segment.Kind == SegmentKind.Literal && state.Threads.Length > 1) own -= thread.State;
            else if (thread.Segment.Kind == SegmentKind.Done && thread.Trace is { ContentEnd: >= 0 } trace && state.Threads.Length > 1) own = trace.ContentEnd;
            settled = Math.Min(settled, own);
        }
        return settled;
    }

    private static TagTrace? Meet(TagTrace? left, TagTrace? right)
    {
        while (left is not null && right is not null)
        {
            if (left.Count > right.Count)
            {
                left = left.Before;
            }
            else if (right.Count > left.Count)
            {
                right = right.Before;
            }
            else if (left.Tag == right.Tag && left.Start == right.Start && IsSame(left.Before, right.Before))
            {
                return new TagTrace(left.Tag, left.Start, Agreed(left.ContentStart, right.ContentStart), Agreed(left.ContentEnd, right.ContentEnd),
                    Agreed(left.End, right.End), left.Before);
            }
            else
            {
                (left, right) = (left.Before, right.Before);
            }
        }
        return null;
    }

    private static long Agreed(long left, long right) => left == right ? left : -1;

    // Records compare by value, all the way down: with an explicit loop, since a text may hold any number of tags.
    private static bool IsSame(TagTrace? left, TagTrace? right)
    {
        for (; !ReferenceEquals(left, right); (left, right) = (left.Before, right.Before))
        {
            if (left is null || right is null || (left.Tag, left.Start, left.ContentStart, left.ContentEnd, left.End)
                != (right.Tag, right.Start, right.ContentStart, right.ContentEnd, right.End)) return false;
        }
        return true;
    }
}
