using System.Numerics;

namespace Cluster.Grammar.Automata.Strings;

/// <summary>
/// The bytes of a JSON string after its opening quote, up to and including the closing one: an automaton over code points composed with the
/// UTF-8 decoder and the escape decoder. The decoders add states only where the targets of one sequence differ; where they agree (all of
/// <c>\u4XXX</c> leads to one residual) the state forgets the digits, so a free string body has two dozen states.
/// </summary>
internal sealed class StringBodyDfa : CodePointDfa
{
    // So many residuals are looked at to find out what can be read safely.
    private const int SafeNodesMax = 24;

    private readonly bool _oneSpelling;
    private readonly bool _tellsLiterals;

    /// <param name="root">The language over code points.</param>
    /// <param name="oneSpelling">Only the canonical JSON spelling: escapes where JSON needs them, the short ones where there are any.</param>
    /// <param name="tellsLiterals">Keep one accepting state per literal of a trie.</param>
    public StringBodyDfa(Node root, bool oneSpelling, bool tellsLiterals = false)
    {
        _oneSpelling = oneSpelling;
        _tellsLiterals = tellsLiterals;
        Start = Witness.IsLive(root, new Fuel(16 * StateFuel)) == true ? Intern(new BodyKey(BodyPhase.Boundary, root)) : Dead;
    }

    public override int Start { get; }

    internal override bool EndsWithQuote => true;

    public override int LiteralAt(int state) =>
        state != Dead && KeyOf(state) is { Phase: BodyPhase.Closed, Value: var literal } ? literal : -1;

    public override int ShortestLength(int state)
    {
        if (state == Dead || IsAccepting(state))
        {
            return 0;
        }
        var key = KeyOf(state);
        var ahead = key.Phase switch
        {
            BodyPhase.Boundary => 0,
            BodyPhase.Tail or BodyPhase.HexTail or BodyPhase.PairTail => key.Left,
            _ => -1,
        };
        return ahead >= 0 && Witness.CostUnsearched(key.Node) is { } cost
            ? BodyCompletion.Bounded(NodeFacts.Plus(cost, ahead + 1))
            : BodyCompletion.LengthOf(key, _oneSpelling, new Fuel(16 * StateFuel));
    }

    public override bool TryGetFreeText(int state, out int min, out int max)
    {
        if (state != Dead && KeyOf(state) is { Phase: BodyPhase.Boundary, Node: { IsLengths: true } lengths })
        {
            (min, max) = (lengths.Min, lengths.Max);
            return true;
        }
        return base.TryGetFreeText(state, out min, out max);
    }

    internal override bool TryGetUnlimited(int state, out ByteDfa unlimited, out int start, out int limit)
    {
        (unlimited, start, limit) = (this, state, int.MaxValue);
        if (state == Dead || KeyOf(state) is not { Phase: BodyPhase.Boundary, Node: var node }) return false;
        Node? counter = node.Kind == NodeKind.And ? Array.Find(node.Children, static child => child.IsLengths)
            : node.Kind == NodeKind.Repeat && node.Head.Kind == NodeKind.Set ? node : null;
        if (counter is null || counter.Max == Node.Unbounded) return false;
        limit = counter.Max;
        var free = Nodes.Repeat(counter.Head, counter.Min, Node.Unbounded);
        unlimited = BodyCache.Get(counter == node ? free : Nodes.And([free, .. node.Children.Where(child => child != counter)]), _oneSpelling, _tellsLiterals);
        start = unlimited.Start;
        return start != Dead;
    }

    // Over code points, not bytes: what all that can be reached by safe ones has in common, one character further at a time. A counter has
    // no end of residuals, but within the length of a token it has few. Where going further would cost most of the bytes (a hyphen after
    // eight digits), it stops before.
    internal override SafeBytes SafeFrom(int state)
    {
        if (state == Dead || KeyOf(state) is not { Phase: BodyPhase.Boundary } key) return default;
        ulong low = ~0UL << 0x20 | SafeBytes.Long, high = ~(1UL << 63);
        var most = ShortestLength(state);
        var (steps, first) = (0, 0);
        var seen = new HashSet<Node> { key.Node };
        List<Node> reached = [key.Node];
        while (reached.Count > 0 && seen.Count <= SafeNodesMax)
        {
            var (before, beforeMost) = ((low, high), most);
            var further = new List<Node>();
            foreach (var node in reached)
            {
                var next = 0;
                foreach (var step in LiveRow(node).Steps)
                {
                    Forbid(next, step.Low - 1);
                    next = step.High + 1;
                    if (!seen.Add(step.Target)) continue;
                    further.Add(step.Target);
                    most = Math.Max(most, ShortestLength(At(step.Target)));
                }
                Forbid(next, 0x10FFFF);
            }
            var count = BitOperations.PopCount(low) + BitOperations.PopCount(high);
            if (steps == 0) first = count;
            if (2 * count < first)
            {
                ((low, high), most) = (before, beforeMost);
                break;
            }
            reached = further;
            steps++;
        }
        if (reached.Count == 0) steps = int.MaxValue;
        // A quote ends the text; an escape spells any character.
        low &= ~(1UL << '"');
        var isAnything = (low | 1UL << '"') == (~0UL << 0x20 | SafeBytes.Long) && (high | 1UL << ('\\' - 64)) == ~(1UL << 63);
        high &= isAnything && !_oneSpelling ? ~0UL : ~(1UL << ('\\' - 64));
        return new SafeBytes(low, high, steps, most);

        void Forbid(int from, int to)
        {
            // Surrogates are no characters.
            if (from >= 0xD800 && to <= 0xDFFF) return;
            if (from <= to && to > 0x7F) low &= ~SafeBytes.Long;
            // Control characters and the quote are only written as escapes: they count with the backslash.
            if (from <= Math.Min(to, 0x1F) || (from <= '"' && to >= '"')) high &= ~(1UL << ('\\' - 64));
            for (var value = Math.Max(from, 0x20); value <= Math.Min(to, 0x7F); value++)
            {
                if (value < 64) low &= ~(1UL << value);
                else high &= ~(1UL << (value - 64));
            }
        }
    }

    protected override bool Accepts(BodyKey key) => key.Phase == BodyPhase.Closed;

    protected override byte[] Complete(BodyKey key) => BodyCompletion.Of(key, _oneSpelling, new Fuel(16 * StateFuel));

    protected override void Expand(BodyKey key, Span<int> row)
    {
        switch (key.Phase)
        {
            case BodyPhase.Boundary:
                ExpandBoundary(key.Node, row);
                break;
            case BodyPhase.Split:
                ExpandSplit(key, row);
                break;
            case BodyPhase.Tail:
                ExpandTail(key, row);
                break;
            case BodyPhase.Escape:
                ExpandEscape(key.Node, row);
                break;
            case BodyPhase.Hex:
                ExpandHex(key, row);
                break;
            case BodyPhase.HexTail:
                FillHex(row, 0, 15, key.Left == 1 ? At(key.Node) : Intern(key with { Left = key.Left - 1 }));
                break;
            case BodyPhase.Pair:
            case BodyPhase.PairTail:
                ExpandPair(key, row);
                break;
        }
    }

    private void ExpandBoundary(Node node, Span<int> row)
    {
        var live = LiveRow(node);
        foreach (var step in live.Steps)
        {
            if (step.Low > 0x7F)
            {
                break;
            }
            var first = Math.Max(step.Low, 0x20);
            if (first <= step.High)
            {
                row[first..(Math.Min(step.High, 0x7F) + 1)].Fill(At(step.Target));
            }
        }
        row['"'] = Dead;
        row['\\'] = Dead;
        if (node.Nullable)
        {
            // A raw quote is never a character of the text.
            var literal = _tellsLiterals && node.Content is LiteralRange range ? range.Literals.Sources[range.Low] : -1;
            row['"'] = Intern(new BodyKey(BodyPhase.Closed, Nodes.Empty, literal));
        }
        if (_oneSpelling ? Array.Exists(live.Steps, step => CanonicalEscapes.Needed(step.Low, step.High)) : live.Steps.Length > 0)
        {
            row['\\'] = Intern(new BodyKey(BodyPhase.Escape, node));
        }
        ExpandLeads(live, node, row);
    }

    private void ExpandEscape(Node node, Span<int> row)
    {
        var live = LiveRow(node);
        foreach (var (letter, codePoint) in CanonicalEscapes.Short)
        {
            if ((!_oneSpelling || letter != '/') && live.Target(codePoint) is { } target)
            {
                row[letter] = At(target);
            }
        }
        if (!_oneSpelling || Array.Exists(live.Steps, step => CanonicalEscapes.NeedsHex(step.Low, step.High)))
        {
            row['u'] = Intern(new BodyKey(BodyPhase.Hex, node, 0, 4));
        }
    }

    private void ExpandHex(BodyKey key, Span<int> row)
    {
        var live = LiveRow(key.Node);
        var shift = 4 * (key.Left - 1);
        for (var digit = 0; digit < 16; digit++)
        {
            var value = (key.Value << 4) | digit;
            var (low, high) = (value << shift, ((value + 1) << shift) - 1);
            var state = _oneSpelling ? WithinCanonicalHex(live, key, value, low, high) : WithinHex(live, key, value, low, high);
            FillHex(row, digit, digit, state);
            if (_oneSpelling && digit >= 10)
            {
                row['A' + digit - 10] = Dead;
            }
        }
    }

    private int WithinHex(CodePointRow live, BodyKey key, int value, int low, int high)
    {
        var left = key.Left - 1;
        if (high < 0xD800 || low > 0xDFFF)
        {
            var index = live.IndexFrom(low);
            if (index == live.Steps.Length || live.Steps[index].Low > high)
            {
                return Dead;
            }
            var step = live.Steps[index];
            var uniform = step.Low <= low && step.High >= high;
            return left == 0 ? At(step.Target)
                : uniform ? Intern(new BodyKey(BodyPhase.HexTail, step.Target, 0, left))
                : Intern(new BodyKey(BodyPhase.Hex, key.Node, value, left));
        }
        if (left > 0)
        {
            var (first, last) = Surrogates.Reach(low, high);
            return Any(live, low, 0xD7FF) || Any(live, 0xE000, high) || Any(live, first, last)
                ? Intern(new BodyKey(BodyPhase.Hex, key.Node, value, left))
                : Dead;
        }
        var (from, to) = Surrogates.Reach(value, value);
        if (!Any(live, from, to))
        {
            return Dead;
        }
        var astral = live.Steps[live.IndexFrom(from)];
        return astral.Low <= from && astral.High >= to
            ? Intern(new BodyKey(BodyPhase.PairTail, astral.Target, 0, 6))
            : Intern(new BodyKey(BodyPhase.Pair, key.Node, value << 16, 6));
    }

    private int WithinCanonicalHex(CodePointRow live, BodyKey key, int value, int low, int high)
    {
        for (var codePoint = low; codePoint <= Math.Min(high, 0x1F); codePoint++)
        {
            if (CanonicalEscapes.NeedsHex(codePoint, codePoint) && live.Target(codePoint) is { } target)
            {
                return key.Left == 1 ? At(target) : Intern(new BodyKey(BodyPhase.Hex, key.Node, value, key.Left - 1));
            }
        }
        return Dead;
    }

    private void ExpandPair(BodyKey key, Span<int> row)
    {
        var next = key with { Left = key.Left - 1 };
        switch (key.Left)
        {
            case 6:
                row['\\'] = Intern(next);
                return;
            case 5:
                row['u'] = Intern(next);
                return;
            case 4:
                FillHex(row, 13, 13, Intern(next with { Value = key.Value | 0xD }));
                return;
        }
        var (first, last) = key.Left == 3 ? (12, 15) : (0, 15);
        if (key.Phase == BodyPhase.PairTail)
        {
            FillHex(row, first, last, key.Left == 1 ? At(key.Node) : Intern(next));
            return;
        }
        var live = LiveRow(key.Node);
        for (var digit = first; digit <= last; digit++)
        {
            var low = ((key.Value & 0xFFFF) << 4) | digit;
            var (from, to) = Surrogates.Reach(key.Value >>> 16, low, key.Left - 1);
            if (Any(live, from, to))
            {
                var target = live.Steps[live.IndexFrom(from)].Target;
                FillHex(row, digit, digit, key.Left == 1 ? At(target) : Intern(next with { Value = (key.Value & ~0xFFFF) | low }));
            }
        }
    }

    private static bool Any(CodePointRow live, int low, int high)
    {
        var index = live.IndexFrom(low);
        return low <= high && index < live.Steps.Length && live.Steps[index].Low <= high;
    }

    private static void FillHex(Span<int> row, int first, int last, int state)
    {
        for (var digit = first; digit <= last; digit++)
        {
            if (digit < 10)
            {
                row['0' + digit] = state;
            }
            else
            {
                row['a' + digit - 10] = state;
                row['A' + digit - 10] = state;
            }
        }
    }
}
