using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tags;

/// <summary>Builds the masks of a structural tag.</summary>
internal sealed class TagMaskBuilder(TokenTrie trie, TagStepper stepper, TagBounds bounds, TagMarkers markers)
{
    private readonly ConcurrentDictionary<TagSegment, TextTrie> _crossing = [];

    private Vocabulary Vocabulary => trie.Vocabulary;

    /// <summary>
    /// 1. Contents: their own masks. 2. Everything else by walks, each token with what it would still need. 3. Markers and the end.
    /// </summary>
    public TagMask Build(TagState state)
    {
        var groups = new Dictionary<int, List<int>>();
        var inner = new List<TokenMask>();
        long most = 0;
        foreach (TagThread thread in state.Threads)
        {
            TagThread[] alone = [thread];
            switch (thread.Segment.Kind)
            {
                case SegmentKind.Content: // 1.
                    MatchEngine content = stepper.ContentOf(thread.Segment);
                    inner.Add(content.MaskOf(thread.Inner, int.MaxValue));
                    most = Math.Max(most, content.MostTokensAfter(thread.Inner) + bounds.After(thread.Segment));
                    TextTrie crossing = CrossingOf(thread.Segment);
                    Walk(alone, crossing.Bytes, crossing.Ends, crossing.Depths, crossing.Starts, crossing.Tokens, state.Read, groups, thread.Segment);
                    break;
                case SegmentKind.Literal or SegmentKind.Text: // 2.
                    Walk(alone, trie.Bytes, trie.Ends, trie.Depths, trie.TokenStarts, trie.TokensInOrder, state.Read, groups, null);
                    break;
            }
        }
        // 3.
        foreach (int id in markers.At(state.Threads)) Group(groups, BoundAfterMarker(state, id)).Add(id);
        if (TagEngine.IsComplete(state.Threads)) Group(groups, -1).AddRange(Vocabulary.EndIds); // allowed with no token left, too
        foreach (int bound in groups.Keys) most = Math.Max(most, bound);
        return new TagMask(Join(inner, groups.Values), groups, most);
    }

    /// <summary>The tokens of a mask after which the rest fits.</summary>
    public TokenMask Narrow(TagState state, TagMask mask, int tokensLeft)
    {
        var inner = new List<TokenMask>();
        foreach (TagThread thread in state.Threads)
        {
            if (thread.Segment.Kind != SegmentKind.Content) continue;
            long left = tokensLeft - (long)bounds.After(thread.Segment);
            if (left > 0) inner.Add(stepper.ContentOf(thread.Segment).MaskOf(thread.Inner, (int)left));
        }
        TokenMask narrow = Join(inner, mask.Groups.Where(x => x.Key <= tokensLeft - 1).Select(static x => x.Value));
        return narrow.IsList && narrow.Ids.IsEmpty ? mask.Mask : narrow;
    }

    private static List<int> Group(Dictionary<int, List<int>> groups, int bound)
    {
        if (!groups.TryGetValue(bound, out List<int>? ids)) groups[bound] = ids = [];
        return ids;
    }

    private TextTrie CrossingOf(TagSegment segment)
        => _crossing.GetOrAdd(segment, x => CrossingTokens.Of(trie, x.Next, x.Content!.MayEnd));

    private int BoundAfterMarker(TagState state, int id)
    {
        ReadOnlySpan<byte> text = Vocabulary.BytesOf(id);
        TagThread[] threads = markers.Starting(state.Threads, id);
        var next = new List<TagThread>();
        for (int i = 0; i < text.Length; i++)
        {
            stepper.Step(threads, next, text[i], text, i, state.Read + i);
            threads = [.. next];
        }
        return bounds.Of(threads);
    }

    /// <param name="inside">Tokens that stay inside this content are left out; null for none.</param>
    private void Walk(TagThread[] from, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> ends, ReadOnlySpan<ushort> depths, ReadOnlySpan<int> starts,
        ReadOnlySpan<int> tokens, long read, Dictionary<int, List<int>> groups, TagSegment? inside)
    {
        var levels = new List<TagThread>[trie.DepthMax + 1];
        levels[0] = [.. from];
        var text = new byte[trie.DepthMax];
        TagSegment? free = from[0].Segment.Kind == SegmentKind.Text ? from[0].Segment : null;
        for (int node = 1; node < bytes.Length;)
        {
            int depth = depths[node];
            text[depth - 1] = bytes[node];
            List<TagThread> next = levels[depth] ??= [];
            if (!TryStayFree(levels[depth - 1], next, free, bytes[node]))
            {
                stepper.Step(CollectionsMarshal.AsSpan(levels[depth - 1]), next, bytes[node], text, depth - 1, read + depth - 1);
            }
            if (next.Count == 0)
            {
                node = ends[node];
                continue;
            }
            if (starts[node] < starts[node + 1])
            {
                int bound = BoundOf(next, inside, from[0].Trace);
                if (bound >= 0) Group(groups, bound).AddRange(tokens[starts[node]..starts[node + 1]]);
            }
            node++;
        }
    }

    /// <summary>In free text most bytes only move the search for triggers: no thread is made for them.</summary>
    private static bool TryStayFree(List<TagThread> from, List<TagThread> to, TagSegment? free, byte value)
    {
        if (free is null || from.Count != 1 || from[0].Segment != free) return false;
        int state = free.Triggers!.Next(from[0].State, value);
        if (free.Triggers.FoundAt(state).Length > 0) return false;
        to.Clear();
        to.Add(from[0] with { State = state });
        return true;
    }

    /// <returns>-1 where every thread is still inside <paramref name="inside"/>, entered with <paramref name="trace"/>: a later tag with the same
    /// content has another trace.</returns>
    private int BoundOf(List<TagThread> threads, TagSegment? inside, TagTrace? trace)
    {
        int best = -1;
        foreach (TagThread thread in threads)
        {
            if (thread.Segment == inside && ReferenceEquals(thread.Trace, trace)) continue;
            int bound = bounds.Of(thread);
            if (best < 0 || bound < best) best = bound;
        }
        return best;
    }

    private TokenMask Join(List<TokenMask> inner, IEnumerable<List<int>> groups)
    {
        int count = groups.Sum(static x => x.Count);
        if (inner.Count == 1 && count == 0 && !Vocabulary.EndIds.Any(inner[0].Allows)) return inner[0];
        bool isSmall = count + inner.Sum(static x => x.IsList ? x.Ids.Length : int.MaxValue / 64) <= TokenMask.ListMax;
        bool isNarrowed = inner.Exists(static x => x.IsNarrowed);
        if (isSmall)
        {
            var ids = new SortedSet<int>();
            foreach (TokenMask mask in inner) ids.UnionWith(mask.Ids.ToArray().Where(x => !Vocabulary.IsEnd(x)));
            foreach (List<int> group in groups) ids.UnionWith(group);
            return TokenMask.FromIds([.. ids], isNarrowed);
        }
        var bits = new ulong[(Vocabulary.Size + 63) / 64];
        foreach (TokenMask mask in inner)
        {
            foreach (int id in mask.Ids) bits[id >> 6] |= 1UL << (id & 63);
            for (int word = 0; word < mask.Bits.Length; word++) bits[word] |= mask.Bits[word];
        }
        foreach (int id in Vocabulary.EndIds) bits[id >> 6] &= ~(1UL << (id & 63));
        foreach (List<int> group in groups)
        {
            foreach (int id in group) bits[id >> 6] |= 1UL << (id & 63);
        }
        return TokenMask.FromBits(bits, isNarrowed);
    }
}
