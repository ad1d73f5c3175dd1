namespace Cluster.Grammar.Automata.Numbers;

/// <summary>A finite list of byte texts, each with its index: numbers (or any other literals) in one spelling.</summary>
internal sealed class TextTrieDfa : LazyDfa<(int Low, int High, int Depth)>
{
    private readonly (byte[] Text, int Index)[] _texts;

    /// <param name="texts">Of equal texts the first one counts.</param>
    public TextTrieDfa(IEnumerable<byte[]> texts)
    {
        _texts = [.. texts.Select((text, index) => (Text: text, Index: index))];
        Array.Sort(_texts, static (a, b) => a.Text.AsSpan().SequenceCompareTo(b.Text) is var order and not 0 ? order : a.Index.CompareTo(b.Index));
        Start = _texts.Length == 0 ? Dead : Intern((0, _texts.Length, 0));
    }

    public override int Start { get; }

    public override int LiteralAt(int state) => state != Dead && IsAccepting(state) ? _texts[KeyOf(state).Low].Index : -1;

    protected override bool Accepts((int Low, int High, int Depth) key) => _texts[key.Low].Text.Length == key.Depth;

    protected override byte[] Complete((int Low, int High, int Depth) key)
    {
        var best = key.Low;
        for (var i = key.Low; i < key.High; i++)
        {
            best = _texts[i].Text.Length < _texts[best].Text.Length ? i : best;
        }
        return _texts[best].Text[key.Depth..];
    }

    protected override void Expand((int Low, int High, int Depth) key, Span<int> row)
    {
        for (var i = key.Low; i < key.High;)
        {
            if (_texts[i].Text.Length == key.Depth)
            {
                i++;
                continue;
            }
            var value = _texts[i].Text[key.Depth];
            var end = i + 1;
            while (end < key.High && _texts[end].Text[key.Depth] == value)
            {
                end++;
            }
            row[value] = Intern((i, end, key.Depth + 1));
            i = end;
        }
    }
}
