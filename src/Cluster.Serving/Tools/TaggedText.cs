using System.Text;
using Cluster.Grammar;
using Cluster.Tokenization;

namespace Cluster.Serving.Tools;

/// <summary>A piece of an answer, by what its automaton says it is.</summary>
/// <param name="Call">Number of the call within the answer; -1 for text outside of calls.</param>
/// <param name="Tool">Index of the tool; -1 outside of calls.</param>
/// <param name="Text">Whole characters; may be empty where a call begins or ends.</param>
/// <param name="IsBegin">The call begins.</param>
/// <param name="IsEnd">The call is over.</param>
internal readonly record struct TaggedPiece(int Call, int Tool, string Text, bool IsBegin, bool IsEnd);

/// <summary>
/// Splits an answer into text and calls by the automaton that constrained it: the same tokens are read once more, and each byte goes where
/// the automaton has settled that it belongs. Nothing is searched for in the text.
/// </summary>
internal sealed class TaggedText
{
    private readonly Vocabulary _vocabulary;
    private readonly int _spacesDropped;
    private readonly List<byte> _pending = [];
    private readonly Decoder _decoder = new UTF8Encoding(false).GetDecoder();
    private GrammarMatcher _matcher;
    private long _given;
    private long _openStart = -1;
    private int _calls;

    public TaggedText(CompiledGrammar grammar, ITokenizer tokenizer)
    {
        (_vocabulary, _spacesDropped) = (tokenizer.Vocabulary, tokenizer.LeadingSpacesDropped);
        _matcher = GrammarMatcher.Start(grammar, _vocabulary);
    }

    /// <summary>Reads a token; <paramref name="pieces"/> gets what it settled.</summary>
    /// <returns>False if the automaton does not know it: the answer is not what constrained it.</returns>
    public bool TryPush(int token, List<TaggedPiece> pieces)
    {
        if (!_matcher.TryAdvance(token, out GrammarMatcher next)) return false;
        _matcher = next;
        _pending.AddRange(_vocabulary.BytesOf(token));
        Give(next.SettledBytes, pieces);
        return true;
    }

    /// <summary>The answer is over: what was still open is what it is.</summary>
    public void End(List<TaggedPiece> pieces)
    {
        if (_vocabulary.EndIds.Length > 0 && _matcher.TryAdvance(_vocabulary.EndIds[0], out GrammarMatcher ended)) _matcher = ended;
        Give(_given + _pending.Count, pieces);
        if (_openStart < 0) Add(-1, -1, [], flush: true, pieces);
    }

    private void Give(long settled, List<TaggedPiece> pieces)
    {
        while (_openStart < 0 ? TryBegin(settled, pieces) : TryEnd(settled, pieces))
        {
        }
    }

    /// <summary>Gives out text up to the next call, and begins that.</summary>
    private bool TryBegin(long settled, List<TaggedPiece> pieces)
    {
        TagTrace? next = null;
        for (TagTrace? tag = _matcher.Tags; tag is not null && tag.Start >= _given; tag = tag.Before) next = tag;
        GiveText(Math.Min(settled, next?.Start ?? settled), pieces);
        if (next is null || _given < next.Start || next.ContentStart < 0 || settled < next.ContentStart) return false;
        Take(next.ContentStart);
        pieces.Add(new TaggedPiece(_calls, next.Tag, "", IsBegin: true, IsEnd: false));
        _openStart = next.Start;
        return true;
    }

    /// <summary>Gives out the open call's input, and ends it.</summary>
    private bool TryEnd(long settled, List<TaggedPiece> pieces)
    {
        TagTrace tag = _matcher.Tags!;
        while (tag.Start != _openStart) tag = tag.Before!;
        Add(_calls, tag.Tag, Take(tag.ContentEnd < 0 ? settled : Math.Min(settled, tag.ContentEnd)), flush: false, pieces);
        if (tag.ContentEnd < 0 || _given < tag.ContentEnd || tag.End < 0 || settled < tag.End) return false;
        Take(tag.End);
        pieces.Add(new TaggedPiece(_calls++, tag.Tag, "", IsBegin: false, IsEnd: true));
        _openStart = -1;
        return true;
    }

    private void GiveText(long to, List<TaggedPiece> pieces)
    {
        bool isFirst = _given == 0;
        ReadOnlySpan<byte> bytes = Take(to);
        for (int spaces = 0; isFirst && spaces < _spacesDropped && bytes.StartsWith(" "u8); spaces++) bytes = bytes[1..];
        Add(-1, -1, bytes, flush: false, pieces);
    }

    private ReadOnlySpan<byte> Take(long to)
    {
        int count = (int)Math.Clamp(to - _given, 0, _pending.Count);
        byte[] taken = [.. _pending[..count]];
        _pending.RemoveRange(0, count);
        _given += count;
        return taken;
    }

    private void Add(int call, int tool, ReadOnlySpan<byte> bytes, bool flush, List<TaggedPiece> pieces)
    {
        if (bytes.IsEmpty && !flush) return;
        char[] chars = new char[bytes.Length + 4];
        int count = _decoder.GetChars(bytes, chars, flush);
        if (count > 0) pieces.Add(new TaggedPiece(call, tool, new string(chars, 0, count), false, false));
    }
}
