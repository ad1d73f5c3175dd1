using System.Collections.Concurrent;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tags;

/// <summary>Bounds, never too low, on the tokens from a thread to the end of the output.</summary>
internal sealed class TagBounds
{
    private readonly TagStepper _stepper;
    private readonly TokenTrie _trie;
    private readonly int[] _after;
    private readonly ConcurrentDictionary<(TagSegment, int), int> _known = [];

    public TagBounds(TagProgram program, TagStepper stepper, TokenTrie trie)
    {
        _stepper = stepper;
        _trie = trie;
        _after = program.CostsAfter(Fewest, FewestOf);
    }

    /// <summary>Tokens after the end of a segment.</summary>
    public int After(TagSegment segment) => _after[segment.Id];

    public int Of(in TagThread thread)
    {
        TagSegment segment = thread.Segment;
        if (segment.Kind == SegmentKind.Done) return 0;
        if (segment.Kind == SegmentKind.Content) return TagProgram.Add(_stepper.ContentOf(segment).TokensToComplete(thread.Inner), _after[segment.Id]);
        if (_known.TryGetValue((segment, thread.State), out int known)) return known;
        return _known[(segment, thread.State)] = segment.Kind == SegmentKind.Text
            ? TagProgram.CostOfText(segment, thread.State, _after, Fewest, FewestOf)
            : TagProgram.CostOf(new TagEntry(segment, thread.State), _after, Fewest, FewestOf);
    }

    public int Of(ReadOnlySpan<TagThread> threads)
    {
        int best = TagProgram.None;
        foreach (ref readonly TagThread thread in threads) best = Math.Min(best, Of(thread));
        return best;
    }

    private int Fewest(byte[] text) => _trie.FewestTokens(text) is >= 0 and int fewest ? fewest : TagProgram.None;

    private int FewestOf(TagSegment segment) => _stepper.ContentOf(segment).TokensToComplete(_stepper.ContentOf(segment).Start());
}
