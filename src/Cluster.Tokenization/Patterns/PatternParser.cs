using System.Globalization;
using System.Text;

namespace Cluster.Tokenization.Patterns;

/// <summary>
/// Reads the regular expressions of tokenizer.json (Oniguruma's Ruby syntax) and of tiktoken (Rust's) over code points, without back
/// references.
/// </summary>
/// <remarks>
/// Rejected: translating to .NET's Regex. It works on UTF-16 code units, so that \p{L} misses letters beyond the basic plane, and a
/// translation into surrogate pairs breaks down at negated classes and look-behind.
/// </remarks>
internal ref struct PatternParser(string pattern, PatternDialect dialect)
{
    private const int RepeatMax = 100_000;
    private const int DepthMax = 200;

    private readonly string _pattern = pattern;
    private readonly bool _isRust = dialect == PatternDialect.Rust;
    private int _position;
    private int _depth;
    private bool _ignoreCase;

    public static PatternNode Parse(string pattern, PatternDialect dialect)
    {
        var parser = new PatternParser(pattern, dialect);
        PatternNode node = parser.ParseChoice();
        return parser._position == pattern.Length ? node : throw parser.Fail("unmatched )");
    }

    private readonly bool AtEnd => _position >= _pattern.Length;

    private readonly char Current => _pattern[_position];

    private PatternNode ParseChoice()
    {
        if (++_depth > DepthMax) throw Fail("nested too deeply");
        bool outerIgnoreCase = _ignoreCase;
        var branches = new List<PatternNode> { ParseSequence() };
        while (!AtEnd && Current == '|')
        {
            _position++;
            branches.Add(ParseSequence());
        }
        _ignoreCase = outerIgnoreCase;
        _depth--;
        return branches.Count == 1 ? branches[0] : new PatternNode.Choice(branches);
    }

    private PatternNode ParseSequence()
    {
        var parts = new List<PatternNode>();
        while (!AtEnd && Current is not ('|' or ')'))
        {
            // (?i) without a colon holds to the end of the group, alternatives included.
            if (TryReadOptions()) continue;
            parts.Add(ParseRepeats(ParseAtom()));
        }
        return parts.Count == 1 ? parts[0] : new PatternNode.Sequence(parts);
    }

    private PatternNode ParseRepeats(PatternNode atom)
    {
        while (!AtEnd)
        {
            int start = _position;
            (int min, int max) = Current switch
            {
                '*' => (0, int.MaxValue),
                '+' => (1, int.MaxValue),
                '?' => (0, 1),
                '{' => ReadCounts(),
                _ => (-1, -1),
            };
            if (min < 0)
            {
                _position = start;
                return atom;
            }
            bool counted = Current == '}';
            _position++;
            RepeatMode mode = RepeatMode.Greedy;
            if (!AtEnd && Current == '?') mode = RepeatMode.Lazy;
            // In Ruby's syntax {n,m}+ repeats the repetition; only ?+ *+ ++ are possessive there.
            if (!AtEnd && Current == '+' && (_isRust || !counted)) mode = RepeatMode.Possessive;
            if (mode != RepeatMode.Greedy) _position++;
            atom = new PatternNode.Repeat(atom, min, max, mode);
        }
        return atom;
    }

    /// <summary>{n} {n,} {n,m} {,m}; anything else is a literal brace. Leaves the position on the closing brace.</summary>
    private (int Min, int Max) ReadCounts()
    {
        int end = _pattern.IndexOf('}', _position);
        if (end < 0) return (-1, -1);
        string body = _pattern[(_position + 1)..end];
        int comma = body.IndexOf(',');
        string low = comma < 0 ? body : body[..comma];
        string high = comma < 0 ? body : body[(comma + 1)..];
        if (low.Length + high.Length == 0 || !IsCount(low) || !IsCount(high)) return (-1, -1);
        _position = end;
        int min = low.Length == 0 ? 0 : int.Parse(low, CultureInfo.InvariantCulture);
        int max = high.Length == 0 ? int.MaxValue : int.Parse(high, CultureInfo.InvariantCulture);
        return min <= max ? (min, max) : throw Fail("counts out of order");
    }

    private readonly bool IsCount(string text)
    {
        if (!text.All(char.IsAsciiDigit)) return false;
        return text.Length <= 6 && (text.Length == 0 || int.Parse(text, CultureInfo.InvariantCulture) <= RepeatMax) ? true : throw Fail("count too large");
    }

    private PatternNode ParseAtom()
    {
        char c = Current;
        switch (c)
        {
            case '(':
                return ParseGroup();
            case '[':
                var classParser = new CharacterClassParser(_pattern, _position);
                CodePointSet set = classParser.Parse();
                _position = classParser.Position;
                return One(set);
            case '.':
                _position++;
                return new PatternNode.One(CodePointSet.NotNewLine);
            case '^':
                _position++;
                return new PatternNode.Anchor(_isRust ? AnchorKind.TextStart : AnchorKind.LineStart);
            case '$':
                _position++;
                return new PatternNode.Anchor(_isRust ? AnchorKind.TextEnd : AnchorKind.LineEnd);
            case '*' or '+' or '?':
                throw Fail("nothing to repeat");
            case '\\' when Anchor() is { } anchor:
                _position += 2;
                return new PatternNode.Anchor(anchor);
            case '\\':
                CodePointSet escape = PatternEscape.Read(_pattern, ref _position, out _);
                return One(escape);
            default:
                int codePoint = CodePoints.At(_pattern, _position, out int length);
                _position += length;
                return One(CodePointSet.Of(codePoint));
        }
    }

    private readonly AnchorKind? Anchor() => _position + 1 >= _pattern.Length ? null : _pattern[_position + 1] switch
    {
        'A' => AnchorKind.TextStart,
        'z' => AnchorKind.TextEnd,
        'Z' => AnchorKind.TextEndBeforeNewLine,
        'b' => AnchorKind.WordBoundary,
        'B' => AnchorKind.NotWordBoundary,
        _ => null,
    };

    private readonly PatternNode.One One(CodePointSet set) => new(_ignoreCase ? set.IgnoreCase() : set);

    private PatternNode ParseGroup()
    {
        bool outerIgnoreCase = _ignoreCase;
        Func<PatternNode, PatternNode> wrap = body => body;
        if (Skip("(?=")) wrap = body => new PatternNode.Look(body, Behind: false, Negative: false);
        else if (Skip("(?!")) wrap = body => new PatternNode.Look(body, Behind: false, Negative: true);
        else if (Skip("(?<=")) wrap = body => new PatternNode.Look(body, Behind: true, Negative: false);
        else if (Skip("(?<!")) wrap = body => new PatternNode.Look(body, Behind: true, Negative: true);
        else if (Skip("(?>")) wrap = body => new PatternNode.Atomic(body);
        else if (Skip("(?:")) { }
        else if (Skip("(?i:")) _ignoreCase = true;
        else if (Skip("(?-i:")) _ignoreCase = false;
        else if (Skip("(?<") || Skip("(?P<")) SkipName();
        else if (Skip("(?")) throw Fail("group of an unknown kind");
        else _position++;

        PatternNode inner = ParseChoice();
        if (AtEnd) throw Fail("missing )");
        _position++;
        _ignoreCase = outerIgnoreCase;
        PatternNode node = wrap(inner);
        if (node is PatternNode.Look { Behind: true } && inner.FixedLength() is null) throw Fail("look-behind of varying length");
        return node;
    }

    private bool TryReadOptions()
    {
        if (Skip("(?i)")) return _ignoreCase = true;
        if (!Skip("(?-i)")) return false;
        _ignoreCase = false;
        return true;
    }

    private void SkipName()
    {
        int end = _pattern.IndexOf('>', _position);
        _position = end < 0 ? throw Fail("group name without end") : end + 1;
    }

    private bool Skip(string prefix)
    {
        if (string.CompareOrdinal(_pattern, _position, prefix, 0, prefix.Length) != 0) return false;
        _position += prefix.Length;
        return true;
    }

    private readonly TokenizerException Fail(string why) => PatternEscape.Fail(_pattern, _position, why);
}
