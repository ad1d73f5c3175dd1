using System.Text;
using Cluster.Grammar;
using Cluster.Serving.Thinking;
using Cluster.Tokenization;

namespace Cluster.Serving.Tools;

/// <summary>A piece of an answer, by what its automaton says it is.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Call">Number of the call within the answer; -1 outside of calls.</param>
/// <param name="Tool">Index of the tool; -1 outside of calls.</param>
/// <param name="Text">Whole characters; empty where something begins or ends.</param>
internal readonly record struct TaggedPiece(PieceKind Kind, int Call, int Tool, string Text);

internal enum PieceKind
{
    /// <summary>Outside of everything.</summary>
    Text,
    Thought,
    ThoughtsEnd,
    CallBegin,
    CallInput,
    CallEnd,
}

/// <summary>
/// Splits an answer into thoughts, text and calls by the automaton that constrained it: the same tokens are read once more, and each byte goes where
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
    private readonly bool _hasThoughts;
    private int _calls;

    /// <param name="grammar">As <see cref="StructuralTagWriter"/> wrote it.</param>
    /// <param name="tokenizer">Of the model.</param>
    /// <param name="thinking">Whether the first tag is that of the thoughts.</param>
    public TaggedText(CompiledGrammar grammar, ITokenizer tokenizer, ThinkingStart thinking)
    {
        (_hasThoughts, IsThinking) = (thinking != ThinkingStart.None, thinking == ThinkingStart.Open);
        (_vocabulary, _spacesDropped) = (tokenizer.Vocabulary, tokenizer.LeadingSpacesDropped);
        _matcher = GrammarMatcher.Start(grammar, _vocabulary);
    }

    /// <summary>What comes next belongs to the thoughts, as far as is settled.</summary>
    public bool IsThinking { get; private set; }

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
        if (_openStart < 0) AddText([], flush: true, pieces);
    }

    private void Give(long settled, List<TaggedPiece> pieces)
    {
        while (_openStart < 0 ? TryBegin(settled, pieces) : TryEnd(settled, pieces))
        {
        }
    }

    /// <summary>Index of the tool whose input a tag holds; null where it holds the thoughts.</summary>
    private int? ToolOf(TagTrace tag) => !_hasThoughts ? tag.Tag : tag.Tag == 0 ? null : tag.Tag - 1;

    /// <summary>Gives out text up to the next tag, and begins that.</summary>
    private bool TryBegin(long settled, List<TaggedPiece> pieces)
    {
        TagTrace? next = null;
        for (TagTrace? tag = _matcher.Tags; tag is not null && tag.Start >= _given; tag = tag.Before) next = tag;
        GiveText(Math.Min(settled, next?.Start ?? settled), pieces);
        if (next is null || _given < next.Start || next.ContentStart < 0 || settled < next.ContentStart) return false;

        // Free text may break off inside a character: what is left of it is not the tag's.
        AddText([], flush: true, pieces);
        Take(next.ContentStart);
        if (ToolOf(next) is { } tool) pieces.Add(new TaggedPiece(PieceKind.CallBegin, _calls, tool, ""));
        else IsThinking = true;
        _openStart = next.Start;
        return true;
    }

    /// <summary>Gives out what the open tag holds, and ends it.</summary>
    private bool TryEnd(long settled, List<TaggedPiece> pieces)
    {
        TagTrace tag = _matcher.Tags!;
        while (tag.Start != _openStart) tag = tag.Before!;
        ReadOnlySpan<byte> content = Take(tag.ContentEnd < 0 ? settled : Math.Min(settled, tag.ContentEnd));
        int? tool = ToolOf(tag);
        if (tool is { } index) Add(PieceKind.CallInput, _calls, index, content, flush: false, pieces);
        else AddText(content, flush: false, pieces);
        if (tag.ContentEnd < 0 || _given < tag.ContentEnd || tag.End < 0 || settled < tag.End) return false;
        if (tool is null) AddText([], flush: true, pieces);
        Take(tag.End);
        pieces.Add(tool is null ? new TaggedPiece(PieceKind.ThoughtsEnd, -1, -1, "") : new TaggedPiece(PieceKind.CallEnd, _calls++, tool.Value, ""));
        IsThinking = false;
        _openStart = -1;
        return true;
    }

    private void GiveText(long to, List<TaggedPiece> pieces)
    {
        bool isFirst = _given == 0;
        ReadOnlySpan<byte> bytes = Take(to);
        for (int spaces = 0; isFirst && spaces < _spacesDropped && bytes.StartsWith(" "u8); spaces++) bytes = bytes[1..];
        AddText(bytes, flush: false, pieces);
    }

    private void AddText(ReadOnlySpan<byte> bytes, bool flush, List<TaggedPiece> pieces) => Add(IsThinking ? PieceKind.Thought : PieceKind.Text, -1, -1, bytes, flush, pieces);

    private ReadOnlySpan<byte> Take(long to)
    {
        int count = (int)Math.Clamp(to - _given, 0, _pending.Count);
        byte[] taken = [.. _pending[..count]];
        _pending.RemoveRange(0, count);
        _given += count;
        return taken;
    }

    private void Add(PieceKind kind, int call, int tool, ReadOnlySpan<byte> bytes, bool flush, List<TaggedPiece> pieces)
    {
        if (bytes.IsEmpty && !flush) return;
        char[] chars = new char[bytes.Length + 4];
        int count = _decoder.GetChars(bytes, chars, flush);
        if (count > 0) pieces.Add(new TaggedPiece(kind, call, tool, new string(chars, 0, count)));
    }
}
