using Cluster.Tokenization;

namespace Cluster.Grammar.Tags;

/// <summary>
/// Marker tokens inside the strings of tags: where a begin or an end string holds the text of a marker (<c>[TOOL_CALLS]</c>,
/// <c>&lt;|python_tag|&gt;</c>), the marker may be written. Never inside free text or contents: there only as a whole trigger at least.
/// </summary>
internal sealed class TagMarkers(Vocabulary vocabulary)
{
    private readonly int[] _ids = [.. Enumerable.Range(0, vocabulary.Size).Where(x => vocabulary.IsSpecial(x) && !vocabulary.IsEnd(x) && !vocabulary.BytesOf(x).IsEmpty)];

    /// <summary>The markers allowed at <paramref name="threads"/>.</summary>
    public IEnumerable<int> At(TagThread[] threads) => _ids.Where(x => Array.Exists(threads, thread => Fits(thread, vocabulary.BytesOf(x))));

    public bool AnyAt(TagThread[] threads) => Array.Exists(_ids, x => Array.Exists(threads, thread => Fits(thread, vocabulary.BytesOf(x))));

    /// <summary>The threads from which marker <paramref name="token"/> is read, as if spelled.</summary>
    public TagThread[] Starting(TagThread[] threads, int token)
        => Array.FindAll(threads, x => Fits(x, vocabulary.BytesOf(token))) is var fitting && fitting.Length == 0 ? []
            : Array.ConvertAll(fitting, static x => x.Segment.Kind == SegmentKind.Text ? x with { State = 0 } : x);

    private static bool Fits(in TagThread thread, ReadOnlySpan<byte> marker)
    {
        TagSegment segment = thread.Segment;
        if (segment.Kind == SegmentKind.Literal) return segment.Text.AsSpan(thread.State).StartsWith(marker);
        if (segment.Kind != SegmentKind.Text) return false;
        for (int trigger = 0; trigger < segment.Targets.Length; trigger++)
        {
            if (!marker.StartsWith(segment.Triggers!.Triggers[trigger])) continue;
            foreach (TagEntry entry in segment.Targets[trigger])
            {
                if (entry.Segment.Kind == SegmentKind.Literal && entry.Segment.Text.AsSpan().StartsWith(marker)) return true;
            }
        }
        return false;
    }
}
