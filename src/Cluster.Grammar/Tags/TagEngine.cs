using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cluster.Grammar.Masks;
using Cluster.Grammar.Structure;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tags;

/// <summary>
/// A structural tag over one vocabulary. Inside a content the mask is the content's own, shared with every other grammar that holds it, plus
/// the few tokens that end it and go on; in free text it is one walk per state of the triggers.
/// </summary>
internal sealed class TagEngine : MatchEngine
{
    private const long MaskBytesMax = 32L << 20;

    private readonly TokenTrie _trie;
    private readonly TagStepper _stepper;
    private readonly TagBounds _bounds;
    private readonly TagMaskBuilder _builder;
    private readonly TagMarkers _markers;
    private readonly TagState _start;
    private readonly ConcurrentDictionary<ThreadKey, TagMask> _masks = [];
    private long _maskBytes;

    public TagEngine(TagProgram program, Vocabulary vocabulary)
    {
        _trie = MaskEngine.TrieOf(vocabulary);
        _stepper = new TagStepper(program, vocabulary);
        _bounds = new TagBounds(program, _stepper, _trie);
        _markers = new TagMarkers(vocabulary);
        _builder = new TagMaskBuilder(_trie, _stepper, _bounds, _markers);
        _start = _stepper.Start();
    }

    public override Vocabulary Vocabulary => _trie.Vocabulary;

    public override Cursor Start() => new() { At = _start };

    public override bool IsComplete(in Cursor cursor) => IsComplete(StateOf(cursor).Threads);

    public static bool IsComplete(ReadOnlySpan<TagThread> threads)
    {
        foreach (ref readonly TagThread thread in threads)
        {
            if (IsFinal(thread)) return true;
        }
        return false;
    }

    public override int TokensToComplete(in Cursor cursor) => _bounds.Of(StateOf(cursor).Threads);

    public override TokenMask MaskOf(in Cursor cursor, int tokensLeft)
    {
        TagState state = StateOf(cursor);
        TagMask mask = MaskOf(state);
        return tokensLeft == int.MaxValue || mask.MostAfter <= tokensLeft - 1 ? mask.Mask : _builder.Narrow(state, mask, tokensLeft);
    }

    public override long MostTokensAfter(in Cursor cursor) => MaskOf(StateOf(cursor)).MostAfter;

    public override bool Step(ref Cursor cursor, byte value, ReadOnlySpan<byte> token, int index)
    {
        TagState state = StateOf(cursor);
        var next = new List<TagThread>(state.Threads.Length);
        _stepper.Step(state.Threads, next, value, token, index, state.Read);
        cursor.At = new TagState([.. next], state.Read + 1);
        return next.Count > 0;
    }

    public override void Commit(ref Cursor cursor, ReadOnlySpan<byte> token)
    {
        TagState state = StateOf(cursor);
        List<TagThread> threads = [.. state.Threads];
        _stepper.Commit(threads, token);
        cursor.At = new TagState([.. threads], state.Read);
    }

    public override bool TryRead(ref Cursor cursor, ReadOnlySpan<byte> token)
    {
        TagState state = StateOf(cursor);
        List<TagThread> from = [.. state.Threads], to = [];
        for (int i = 0; i < token.Length; i++)
        {
            _stepper.Step(CollectionsMarshal.AsSpan(from), to, token[i], token, i, state.Read + i);
            if (to.Count == 0) return false;
            (from, to) = (to, from);
        }
        _stepper.Commit(from, token);
        cursor.At = new TagState([.. from], state.Read + token.Length);
        return true;
    }

    public override bool TryReadMarker(ref Cursor cursor, int token)
    {
        TagState state = StateOf(cursor);
        TagThread[] allowed = _markers.Starting(state.Threads, token);
        if (allowed.Length == 0) return false;
        cursor.At = new TagState(allowed, state.Read);
        return TryRead(ref cursor, Vocabulary.BytesOf(token));
    }

    public override Cursor End(Cursor cursor)
    {
        TagState state = StateOf(cursor);
        return new Cursor { At = new TagState(Array.FindAll(state.Threads, static x => IsFinal(x)), state.Read) };
    }

    public override TagTrace? TagsOf(in Cursor cursor) => TagCertainty.TraceOf(StateOf(cursor).Threads);

    public override long SettledBytesOf(in Cursor cursor) => TagCertainty.SettledOf(StateOf(cursor));

    /// <summary>Where a marker could be written, text is not forced: the marker is the better spelling.</summary>
    protected override bool IsForcible(in Cursor cursor) => !_markers.AnyAt(StateOf(cursor).Threads);

    private static bool IsFinal(TagThread thread) => thread.Segment.Kind == SegmentKind.Done || thread.Segment.IsFinal;

    private static TagState StateOf(in Cursor cursor) => Unsafe.As<TagState>(cursor.At);

    private TagMask MaskOf(TagState state)
    {
        if (state.Mask is { } own) return own;
        ThreadKey key = default;
        bool isKept = state.Threads.Length == 1 && state.Threads[0].TryGetKey(out key);
        if (isKept && _masks.TryGetValue(key, out TagMask? known)) return state.Mask = known;
        TagMask mask = _builder.Build(state);
        state.Mask = mask;
        if (!isKept) return mask;
        if (Interlocked.Add(ref _maskBytes, mask.Bytes) > MaskBytesMax)
        {
            _masks.Clear();
            Interlocked.Exchange(ref _maskBytes, mask.Bytes);
        }
        return _masks[key] = mask;
    }
}
