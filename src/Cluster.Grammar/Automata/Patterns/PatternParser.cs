using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata.Patterns;

/// <summary>
/// Parses ECMA-262 patterns with an explicit stack: a pattern of a million characters, or of a hundred thousand open brackets, is an answer
/// and never a stack overflow.
/// </summary>
internal sealed class PatternParser
{
    /// <summary>Deepest nesting of groups; beyond it the pattern is refused, since later passes walk the tree.</summary>
    public const int DepthMax = 250;

    /// <summary>Most terms that are more than a letter; such a pattern is no schema's, and costs a node or more per term.</summary>
    public const int TermsMax = 30_000;

    private static readonly SetSyntax[] Letters = [.. Enumerable.Range(0, 0x80).Select(letter => new SetSyntax(CodePointSet.Single(letter)))];

    private readonly PatternReader _reader;
    private readonly EscapeParser _escapes;
    private readonly Stack<Frame> _frames = new();
    private Frame _frame = new(GroupKind.Plain);
    private int _terms;

    private PatternParser(string pattern)
    {
        _reader = new PatternReader(pattern);
        var (groups, hasNames) = CountGroups(pattern);
        _escapes = new EscapeParser(_reader, groups, hasNames);
    }

    private enum GroupKind { Plain, Ahead, NotAhead, Behind, NotBehind }

    public static Syntax? Parse(string pattern, out LeafRefusal? refusal) => new PatternParser(pattern).Parse(out refusal);

    private Syntax? Parse(out LeafRefusal? refusal)
    {
        while (!_reader.AtEnd)
        {
            refusal = ParseTerm();
            if (refusal is null && _terms > TermsMax)
            {
                refusal = new LeafRefusal(LeafRefusalKind.TooLarge, $"The pattern has more than {TermsMax} classes, groups and quantifiers.");
            }
            if (refusal is not null)
            {
                return null;
            }
        }
        refusal = _frames.Count > 0 ? Malformed("a group is not closed") : null;
        return refusal is null ? _frame.ToSyntax() : null;
    }

    private LeafRefusal? ParseTerm()
    {
        var codePoint = _reader.Take();
        switch (codePoint)
        {
            case '|':
                _frame.Branch();
                return null;
            case '(':
                return OpenGroup();
            case ')':
                return CloseGroup();
            case '^':
                _frame.Add(new AssertionSyntax(AssertionKind.Start));
                return null;
            case '$':
                _frame.Add(new AssertionSyntax(AssertionKind.End));
                return null;
            case '.':
                return Quantify(new SetSyntax(CharacterClasses.Dot));
            case '[':
                var set = ClassParser.Parse(_reader, _escapes, out var inClass);
                return inClass ?? Quantify(new SetSyntax(set));
            case '*' or '+' or '?':
                return Malformed("nothing to repeat");
            case '{' when IsCounter():
                return Malformed("nothing to repeat");
            case '\\' when _reader.TryTake('b'):
                _frame.Add(new AssertionSyntax(AssertionKind.WordBoundary));
                return null;
            case '\\' when _reader.TryTake('B'):
                _frame.Add(new AssertionSyntax(AssertionKind.NoWordBoundary));
                return null;
            case '\\':
                return _escapes.Parse(inClass: false, out var refusal) is var (escaped, value)
                    ? Quantify(new SetSyntax(escaped ?? CodePointSet.Single(value)))
                    : refusal;
            default:
                return Quantify(codePoint < Letters.Length ? Letters[codePoint] : new SetSyntax(CodePointSet.Single(codePoint)));
        }
    }

    private LeafRefusal? OpenGroup()
    {
        var kind = GroupKind.Plain;
        if (_reader.TryTake('?'))
        {
            if (_reader.TryTake('=')) { kind = GroupKind.Ahead; }
            else if (_reader.TryTake('!')) { kind = GroupKind.NotAhead; }
            else if (_reader.TryTake("<=")) { kind = GroupKind.Behind; }
            else if (_reader.TryTake("<!")) { kind = GroupKind.NotBehind; }
            else if (_reader.TryTake('<'))
            {
                if (!TryTakeName())
                {
                    return Malformed("a group's name is not closed");
                }
            }
            else if (!_reader.TryTake(':'))
            {
                return Malformed("a group of unknown kind");
            }
        }
        if (_frames.Count >= DepthMax)
        {
            return new LeafRefusal(LeafRefusalKind.TooLarge, $"The pattern nests more than {DepthMax} groups.");
        }
        _frames.Push(_frame);
        _frame = new Frame(kind);
        return null;
    }

    private LeafRefusal? CloseGroup()
    {
        if (_frames.Count == 0)
        {
            return Malformed("an unmatched )");
        }
        var body = _frame.ToSyntax();
        var kind = _frame.Kind;
        _frame = _frames.Pop();
        var isBehind = kind is GroupKind.Behind or GroupKind.NotBehind;
        var term = kind == GroupKind.Plain ? body : new LookSyntax(body, isBehind, kind is GroupKind.NotAhead or GroupKind.NotBehind);
        return Quantify(term);
    }

    private LeafRefusal? Quantify(Syntax term)
    {
        int min, max;
        if (_reader.TryTake('*')) { (min, max) = (0, Node.Unbounded); }
        else if (_reader.TryTake('+')) { (min, max) = (1, Node.Unbounded); }
        else if (_reader.TryTake('?')) { (min, max) = (0, 1); }
        else if (_reader.Peek() != '{' || !TryTakeCounter(out min, out max))
        {
            _terms += term is SetSyntax { Set.Ranges: [var (low, high)] } && low == high ? 0 : 1;
            _frame.Add(term);
            return null;
        }
        _terms++;
        _reader.TryTake('?');
        if (min > max)
        {
            return Malformed("a counter's bounds are out of order");
        }
        if (term is LookSyntax)
        {
            // Annex B: a repeated look-ahead says what one says.
            _frame.Add(min > 0 ? term : new SequenceSyntax([]));
            return null;
        }
        _frame.Add(new RepeatSyntax(term, min, max));
        return null;
    }

    // Called after the brace was taken.
    private bool IsCounter()
    {
        var position = _reader.Position--;
        var isCounter = TryTakeCounter(out _, out _);
        _reader.Position = position;
        return isCounter;
    }

    // Annex B: a brace that begins no counter stands for itself.
    private bool TryTakeCounter(out int min, out int max)
    {
        var start = _reader.Position++;
        max = 0;
        if (_reader.TryTakeNumber(out min))
        {
            max = min;
            if (_reader.TryTake(',') && !_reader.TryTakeNumber(out max))
            {
                max = Node.Unbounded;
            }
            if (_reader.TryTake('}'))
            {
                return true;
            }
        }
        _reader.Position = start;
        return false;
    }

    private bool TryTakeName()
    {
        var start = _reader.Position;
        while (!_reader.AtEnd)
        {
            if (_reader.Take() == '>')
            {
                return _reader.Position > start + 1;
            }
        }
        return false;
    }

    private LeafRefusal Malformed(string what) =>
        new(LeafRefusalKind.Malformed, $"Not an ECMA-262 pattern: {what}, at character {_reader.Position}.");

    // Capturing groups decide whether \1 refers to one; they are counted before, since a reference may come first.
    private static (int Groups, bool HasNames) CountGroups(string pattern)
    {
        var (groups, hasNames, inClass) = (0, false, false);
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\': i++; break;
                case '[': inClass = true; break;
                case ']': inClass = false; break;
                case '(' when !inClass:
                    var isPlain = i + 1 == pattern.Length || pattern[i + 1] != '?';
                    var isNamed = i + 3 < pattern.Length && pattern[i + 1] == '?' && pattern[i + 2] == '<' && pattern[i + 3] is not ('=' or '!');
                    groups += isPlain || isNamed ? 1 : 0;
                    hasNames |= isNamed;
                    break;
            }
        }
        return (groups, hasNames);
    }

    private sealed class Frame(GroupKind kind)
    {
        private readonly List<Syntax> _branches = [];
        private List<Syntax> _items = [];

        public GroupKind Kind { get; } = kind;

        public void Add(Syntax item) => _items.Add(item);

        public void Branch()
        {
            _branches.Add(Sequence());
            _items = [];
        }

        public Syntax ToSyntax()
        {
            if (_branches.Count == 0)
            {
                return Sequence();
            }
            _branches.Add(Sequence());
            return new AlternationSyntax(_branches);
        }

        private Syntax Sequence() => _items.Count == 1 ? _items[0] : new SequenceSyntax(_items);
    }
}
