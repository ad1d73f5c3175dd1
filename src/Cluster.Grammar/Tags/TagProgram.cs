namespace Cluster.Grammar.Tags;

/// <summary>A structural tag as an automaton of segments; immutable.</summary>
/// <param name="Segments">All segments, by number.</param>
/// <param name="Start">Where the output begins.</param>
internal sealed record TagProgram(TagSegment[] Segments, TagEntry[] Start)
{
    /// <summary>
    /// What the cheapest way from each segment's end to the end of the output costs: a least fixpoint, because tags repeat.
    /// </summary>
    /// <param name="measure">Cost of a fixed text.</param>
    /// <param name="content">Cost of the cheapest text of a content.</param>
    /// <returns>By segment; <see cref="None"/> where nothing leads to an end.</returns>
    public int[] CostsAfter(Func<byte[], int> measure, Func<TagSegment, int> content)
    {
        int[] after = new int[Segments.Length];
        Array.Fill(after, None);
        bool isChanged = true;
        while (isChanged)
        {
            isChanged = false;
            foreach (TagSegment segment in Segments)
            {
                int best = None;
                foreach (TagEntry entry in segment.Next) best = Math.Min(best, CostOf(entry, after, measure, content));
                if (best >= after[segment.Id]) continue;
                after[segment.Id] = best;
                isChanged = true;
            }
        }
        return after;
    }

    /// <summary>Cost from an entry to the end of the output.</summary>
    public static int CostOf(TagEntry entry, int[] after, Func<byte[], int> measure, Func<TagSegment, int> content) => entry.Segment.Kind switch
    {
        SegmentKind.Literal => Add(measure(entry.Segment.Text[entry.Position..]), after[entry.Segment.Id]),
        SegmentKind.Content => Add(content(entry.Segment), after[entry.Segment.Id]),
        SegmentKind.Text => CostOfText(entry.Segment, 0, after, measure, content),
        _ => 0,
    };

    /// <summary>Cost from a state of free text to the end of the output.</summary>
    public static int CostOfText(TagSegment text, int state, int[] after, Func<byte[], int> measure, Func<TagSegment, int> content)
    {
        if (text.IsFinal) return 0;
        int best = None;
        for (int trigger = 0; trigger < text.Targets.Length; trigger++)
        {
            byte[] rest = text.Triggers!.Triggers[trigger][text.Triggers.ReadOf(state, trigger)..];
            foreach (TagEntry entry in text.Targets[trigger])
            {
                int cost = entry.Segment.Kind == SegmentKind.Literal
                    ? Add(measure([.. rest, .. entry.Segment.Text[entry.Position..]]), after[entry.Segment.Id])
                    : Add(measure(rest), CostOf(entry, after, measure, content));
                best = Math.Min(best, cost);
            }
        }
        return best;
    }

    /// <summary>No way.</summary>
    public const int None = int.MaxValue;

    public static int Add(int left, int right) => left == None || right == None ? None : (int)Math.Min((long)left + right, None - 1);
}
