namespace Cluster.Tokenization.Patterns;

/// <summary>Reads one [...] with ranges, nested classes, POSIX names and intersections.</summary>
internal ref struct CharacterClassParser(string pattern, int position)
{
    private const int DepthMax = 100;

    private readonly string _pattern = pattern;
    private int _depth;

    public int Position { get; private set; } = position;

    public CodePointSet Parse()
    {
        if (++_depth > DepthMax) throw Fail("class nested too deeply");
        Position++;
        bool negated = Skip("^");
        CodePointSet? intersected = null;
        var parts = new List<CodePointSet>();
        int first = Position;
        while (true)
        {
            if (Position >= _pattern.Length) throw Fail("class without ]");
            if (_pattern[Position] == ']' && Position > first) break;
            if (Skip("&&"))
            {
                intersected = Meet(intersected, parts);
                parts = [];
                continue;
            }
            parts.Add(ParseItem());
        }
        Position++;
        _depth--;
        CodePointSet set = Meet(intersected, parts);
        return negated ? set.Negate() : set;
    }

    private readonly CodePointSet Meet(CodePointSet? left, List<CodePointSet> parts)
    {
        if (parts.Count == 0) throw Fail("empty operand of a class");
        CodePointSet right = CodePointSet.Union(parts);
        return left is null ? right : left.Intersect(right);
    }

    private CodePointSet ParseItem()
    {
        if (_pattern[Position] == '[')
        {
            return TryParsePosix() ?? Parse();
        }
        CodePointSet set = ReadOne(out int low);
        // A dash after a set, or before the closing bracket, is itself.
        if (low < 0 || Position + 1 >= _pattern.Length || _pattern[Position] != '-' || _pattern[Position + 1] is ']' or '[') return set;
        if (string.CompareOrdinal(_pattern, Position + 1, "&&", 0, 2) == 0) return set;
        Position++;
        ReadOne(out int high);
        return high >= low ? CodePointSet.Range(low, high) : throw Fail("range out of order");
    }

    private CodePointSet ReadOne(out int single)
    {
        if (_pattern[Position] == '\\')
        {
            int at = Position;
            if (at + 1 < _pattern.Length && _pattern[at + 1] == 'b')
            {
                Position += 2;
                single = '\b';
                return CodePointSet.Of(single);
            }
            CodePointSet set = PatternEscape.Read(_pattern, ref at, out single);
            Position = at;
            return set;
        }
        single = CodePoints.At(_pattern, Position, out int length);
        Position += length;
        return CodePointSet.Of(single);
    }

    private CodePointSet? TryParsePosix()
    {
        if (string.CompareOrdinal(_pattern, Position, "[:", 0, 2) != 0) return null;
        int end = _pattern.IndexOf(":]", Position, StringComparison.Ordinal);
        if (end < 0) return null;
        string name = _pattern[(Position + 2)..end];
        CodePointSet set = UnicodeProperties.Find(name) ?? throw Fail("POSIX class " + name);
        Position = end + 2;
        return set;
    }

    private bool Skip(string prefix)
    {
        if (string.CompareOrdinal(_pattern, Position, prefix, 0, prefix.Length) != 0) return false;
        Position += prefix.Length;
        return true;
    }

    private readonly TokenizerException Fail(string why) => PatternEscape.Fail(_pattern, Position, why);
}
