using System.Text;

namespace Cluster.Tokenization.HuggingFace.PreTokenizers;

/// <summary>A text and the pieces it is cut into. Pre-tokenizers cut the pieces further; some rewrite them.</summary>
internal sealed class PieceList
{
    private List<(int Start, int Length)> _pieces = [];
    private List<(int Start, int Length)> _next = [];

    public string Text { get; private set; } = "";

    public IReadOnlyList<(int Start, int Length)> Pieces => _pieces;

    /// <summary>The text begins where the caller's text begins: no added token precedes it.</summary>
    public bool AtTextStart { get; private set; }

    public void Reset(string text, bool atTextStart)
    {
        Text = text;
        AtTextStart = atTextStart;
        _pieces.Clear();
        _pieces.Add((0, text.Length));
    }

    /// <summary>Cuts each piece by <paramref name="split"/>, which reports (start, length) within the piece; empty pieces vanish.</summary>
    public void Split(Splitter split)
    {
        _next.Clear();
        foreach ((int start, int length) in _pieces) split(Text.AsSpan(start, length), new Sink(_next, start));
        (_pieces, _next) = (_next, _pieces);
    }

    /// <summary>Rewrites each piece; their number and order stay.</summary>
    public void Rewrite(Func<string, int, string> rewrite)
    {
        var text = new StringBuilder(Text.Length + _pieces.Count);
        for (int i = 0; i < _pieces.Count; i++)
        {
            string piece = rewrite(Text.Substring(_pieces[i].Start, _pieces[i].Length), i);
            _pieces[i] = (text.Length, piece.Length);
            text.Append(piece);
        }
        Text = text.ToString();
    }

    public delegate void Splitter(ReadOnlySpan<char> piece, Sink sink);

    public readonly struct Sink(List<(int, int)> target, int offset)
    {
        public void Add(int start, int end)
        {
            if (end > start) target.Add((offset + start, end - start));
        }
    }
}
