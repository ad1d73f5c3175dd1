using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata.Patterns;

/// <summary>
/// Turns a parsed pattern into the language of whole texts in which it matches somewhere. Compiled backwards with a continuation: the node of
/// a term is the language of everything from its place to the end of the text, so a look-ahead is an And with what follows, <c>$</c> an And
/// with the empty text, and a negative look-ahead a complement. Look-behinds become conditions (<see cref="Located"/>).
/// </summary>
internal sealed class PatternCompiler
{
    private const int UnrolledMax = 64;

    private readonly List<Node> _conditions = [];
    private readonly bool _insideBehind;
    private LeafRefusal? _refusal;

    private PatternCompiler(bool insideBehind) => _insideBehind = insideBehind;

    /// <summary>What is known about a place: whether anything was read before it.</summary>
    private enum Place { Start, Later, Unknown }

    public static Node? Compile(Syntax syntax, out LeafRefusal? refusal)
    {
        var compiler = new PatternCompiler(insideBehind: false);
        var node = compiler.Search(syntax, Nodes.All);
        refusal = compiler._refusal;
        return refusal is null ? node : null;
    }

    // The start is looked at once, here, so that ^ costs no condition in ordinary patterns.
    private Node Search(Syntax syntax, Node rest)
    {
        var node = syntax.LooksBehind
            ? Nodes.Or(Compile(syntax, rest, Place.Start), Nodes.Concat(Nodes.Lengths(1, Node.Unbounded), Compile(syntax, rest, Place.Later)))
            : Nodes.Concat(Nodes.All, Compile(syntax, rest, Place.Unknown));
        return Located.Of(node, _conditions.ToArray());
    }

    private Node Compile(Syntax syntax, Node rest, Place place)
    {
        if (_refusal is not null)
        {
            return Nodes.Nothing;
        }
        switch (syntax)
        {
            case SetSyntax set:
                return Nodes.Concat(Nodes.Set(set.Set), rest);
            case SequenceSyntax sequence:
                return CompileSequence(sequence.Items, rest, place);
            case AlternationSyntax alternation:
                return CompileAlternation(alternation.Branches, rest, place);
            case RepeatSyntax repeat:
                return repeat.LooksAround
                    ? CompileLoop(repeat, rest, place)
                    : Nodes.Concat(Nodes.Repeat(Compile(repeat.Body, Nodes.Empty, Place.Unknown), repeat.Min, repeat.Max), rest);
            case AssertionSyntax assertion:
                return CompileAssertion(assertion.Kind, rest, place);
            case LookSyntax { IsBehind: true } look:
                var behind = Condition(Behind(look.Body));
                return Nodes.And(look.IsNegative ? Nodes.Not(behind) : behind, rest);
            case LookSyntax look:
                if (_insideBehind)
                {
                    return Refuse("A look-ahead inside a look-behind is not supported.");
                }
                var ahead = Compile(look.Body, Nodes.All, place);
                return Nodes.And(look.IsNegative ? Nodes.Not(ahead) : ahead, rest);
            default:
                throw new InvalidOperationException($"Unknown syntax {syntax.GetType().Name}.");
        }
    }

    private Node CompileSequence(IReadOnlyList<Syntax> items, Node rest, Place place)
    {
        var places = new Place[items.Count];
        for (var i = 0; i < items.Count; i++)
        {
            places[i] = place;
            place = After(items[i], place);
        }
        for (var i = items.Count - 1; i >= 0; i--)
        {
            var run = LiteralRun.EndingAt(items, i);
            if (run.Length >= LiteralRun.LengthMin)
            {
                rest = Nodes.Concat(LiteralRange.Root(LiteralSet.FromPattern([run])), rest);
                i -= run.Length - 1;
                continue;
            }
            rest = Compile(items[i], rest, places[i]);
        }
        return rest;
    }

    // Many fixed texts are one trie: a list of a hundred thousand words costs its sorting, not a node per letter.
    private Node CompileAlternation(IReadOnlyList<Syntax> branches, Node rest, Place place)
    {
        var nodes = new List<Node>();
        var texts = new List<int[]>();
        foreach (var branch in branches)
        {
            if (branches.Count >= LiteralRun.BranchesMin && LiteralRun.TextOf(branch) is { } text)
            {
                texts.Add(text);
            }
            else
            {
                nodes.Add(Compile(branch, rest, place));
            }
        }
        if (texts.Count > 0)
        {
            nodes.Add(Nodes.Concat(LiteralRange.Root(LiteralSet.FromPattern(texts)), rest));
        }
        return Nodes.Or([.. nodes]);
    }

    private static Place After(Syntax item, Place place) => item switch
    {
        _ when place == Place.Later || item.IsNeverEmpty => Place.Later,
        AssertionSyntax or LookSyntax => place,
        SequenceSyntax sequence => sequence.Items.Aggregate(place, (at, inner) => After(inner, at)),
        _ => Place.Unknown,
    };

    private Node CompileAssertion(AssertionKind kind, Node rest, Place place)
    {
        switch (kind)
        {
            case AssertionKind.Start:
                return place switch
                {
                    Place.Start => rest,
                    Place.Later => Nodes.Nothing,
                    _ => Nodes.And(Condition(Nodes.Empty), rest),
                };
            case AssertionKind.End when _insideBehind:
                return Refuse("$ inside a look-behind is not supported.");
            case AssertionKind.End:
                return Nodes.And(Nodes.Empty, rest);
        }
        if (_insideBehind && rest.LengthFloor == 0)
        {
            return Refuse("A word boundary at the end of a look-behind is not supported.");
        }
        var word = Nodes.Set(CharacterClasses.Word);
        var wordAhead = Nodes.Concat(word, Nodes.All);
        var wordBehind = place == Place.Start ? Nodes.Nothing : Condition(Nodes.Concat(Nodes.All, word));
        var (ifBehind, ifNot) = kind == AssertionKind.WordBoundary ? (Nodes.Not(wordAhead), wordAhead) : (wordAhead, Nodes.Not(wordAhead));
        return Nodes.Or(Nodes.And(wordBehind, ifBehind, rest), Nodes.And(Nodes.Not(wordBehind), ifNot, rest));
    }

    // Rounds that look around see what follows them, so they cannot be compiled once and repeated: few are unrolled, an open end recurses.
    private Node CompileLoop(RepeatSyntax repeat, Node rest, Place place)
    {
        var (body, min, max) = repeat;
        var isOpen = max == Node.Unbounded;
        var rounds = isOpen ? min : max;
        if (rounds > UnrolledMax)
        {
            return Refuse($"More than {UnrolledMax} counted rounds of a group that looks around are not supported.");
        }
        var later = body.IsNeverEmpty ? Place.Later : Place.Unknown;
        var node = rest;
        if (isOpen)
        {
            if (!body.IsNeverEmpty)
            {
                return Refuse("An unbounded loop over a group that looks around and may be empty is not supported.");
            }
            var loop = new RecursionBody(rest.LooksBehind || repeat.LooksBehind, rest.Nullable);
            var again = loop.Reference();
            loop.Definition = Nodes.Or(rest, Compile(body, again, Place.Later));
            node = place == Place.Later || !body.LooksBehind || min > 0 ? again : Nodes.Or(rest, Compile(body, again, place));
        }
        for (var round = rounds; round >= 1; round--)
        {
            var once = Compile(body, node, round == 1 ? place : later);
            node = round > min ? Nodes.Or(rest, once) : once;
        }
        return node;
    }

    // Everything that may stand before a place where the look-behind holds.
    private Node Behind(Syntax body)
    {
        var inner = new PatternCompiler(insideBehind: true);
        var node = inner.Search(body, Nodes.Empty);
        _refusal ??= inner._refusal;
        return node;
    }

    private Node Condition(Node behind)
    {
        var index = _conditions.IndexOf(behind);
        if (index < 0)
        {
            if (_conditions.Count == Located.ConditionsMax)
            {
                return Refuse("Too many look-behinds.");
            }
            index = _conditions.Count;
            _conditions.Add(behind);
        }
        return Located.Behind(index);
    }

    private Node Refuse(string reason)
    {
        _refusal ??= new LeafRefusal(LeafRefusalKind.Unsupported, reason);
        return Nodes.Nothing;
    }
}
