using Cluster.Grammar.Automata;
using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Rules;

/// <summary>
/// Lays rules out. What does not recurse becomes part of a terminal, where an automaton reads it without a stack and counters are free; what does
/// becomes productions, with helpers for repetitions: <c>x*</c> recurses on the left, counted rounds double, so that <c>x~100000</c> is 17 helpers.
/// Productions without any text are left out.
/// </summary>
internal sealed class RuleBuilder
{
    /// <summary>Larger regular parts stay rules of their own: copying them into every place that mentions them would multiply.</summary>
    private const int InlinedMax = 2_000;

    private const int NodeDepthMax = 200;

    /// <summary>Work of finding one text of a terminal, where its structure does not show one.</summary>
    private const long TerminalFuel = 1_000_000;

    private readonly RuleExpression[] _rules;
    private readonly (Node Language, int Size)?[] _inlined;
    private readonly List<List<int[]>> _productions = [];
    private readonly List<Node> _terminals = [];
    private readonly Dictionary<Node, int> _terminalNumbers = [];
    private readonly Dictionary<(int, int, bool), int> _rounds = [];
    private readonly Fuel _fuel;

    private RuleBuilder(RuleExpression[] rules, Fuel fuel)
    {
        _rules = rules;
        _fuel = fuel;
        _inlined = new (Node, int)?[rules.Length];
        foreach (RuleExpression _ in rules) _productions.Add([]);
    }

    /// <param name="rules">Rule 0 derives whole texts.</param>
    /// <param name="fuel">Spent by size.</param>
    /// <returns>Null where no finite text is derived.</returns>
    public static RuleGrammar? Build(RuleExpression[] rules, Fuel fuel)
    {
        var builder = new RuleBuilder(rules, fuel);
        builder.Inline();
        for (int rule = 0; rule < rules.Length; rule++) builder.Produce(rule);
        return builder.Lay();
    }

    /// <summary>Rules that do not lead to themselves, callees first, each as one regular language.</summary>
    private void Inline()
    {
        var isOpen = new bool[_rules.Length];
        var isDone = new bool[_rules.Length];
        var isRecursive = new bool[_rules.Length];
        for (int root = 0; root < _rules.Length; root++)
        {
            var path = new Stack<(int Rule, int[] Callees, int Next)>();
            if (!isDone[root]) path.Push((root, Callees(root), 0));
            while (path.TryPop(out (int Rule, int[] Callees, int Next) top))
            {
                isOpen[top.Rule] = true;
                if (top.Next < top.Callees.Length)
                {
                    int callee = top.Callees[top.Next];
                    path.Push(top with { Next = top.Next + 1 });
                    if (isOpen[callee])
                    {
                        // Everything on the path from it to here leads to itself.
                        foreach ((int rule, _, _) in path)
                        {
                            isRecursive[rule] = true;
                            if (rule == callee) break;
                        }
                    }
                    else if (!isDone[callee])
                    {
                        path.Push((callee, Callees(callee), 0));
                    }
                    continue;
                }
                isOpen[top.Rule] = false;
                isDone[top.Rule] = true;
                if (!isRecursive[top.Rule]) _inlined[top.Rule] = TryNode(_rules[top.Rule]);
            }
        }
    }

    private int[] Callees(int rule)
    {
        var found = new HashSet<int>();
        var open = new Stack<RuleExpression>([_rules[rule]]);
        while (open.TryPop(out RuleExpression? expression))
        {
            Spend(1);
            switch (expression)
            {
                case RuleExpression.Reference reference: found.Add(reference.Rule); break;
                case RuleExpression.Sequence sequence: foreach (RuleExpression item in sequence.Items) open.Push(item); break;
                case RuleExpression.Choice choice: foreach (RuleExpression branch in choice.Branches) open.Push(branch); break;
                case RuleExpression.Repeat repeat: open.Push(repeat.Body); break;
            }
        }
        return [.. found];
    }

    /// <summary>The expression as one language, or null where it refers to what is not.</summary>
    private (Node Language, int Size)? TryNode(RuleExpression expression)
    {
        Spend(1);
        (Node Language, int Size)? result;
        switch (expression)
        {
            case RuleExpression.Terminal terminal:
                result = (terminal.Language, 1);
                break;
            case RuleExpression.Reference reference:
                result = _inlined[reference.Rule];
                break;
            case RuleExpression.Repeat repeat:
                result = TryNode(repeat.Body) is var (body, bodySize) ? (Nodes.Repeat(body, repeat.Min, repeat.Max), bodySize + 1) : null;
                break;
            case RuleExpression.Sequence or RuleExpression.Choice:
                IReadOnlyList<RuleExpression> parts = expression is RuleExpression.Sequence s ? s.Items : ((RuleExpression.Choice)expression).Branches;
                var nodes = new Node[parts.Count];
                int size = 1;
                for (int i = 0; i < nodes.Length; i++)
                {
                    if (TryNode(parts[i]) is not var (node, partSize) || (size += partSize) > InlinedMax) return null;
                    nodes[i] = node;
                }
                result = (expression is RuleExpression.Choice ? Nodes.Or(nodes) : nodes.Length == 0 ? Nodes.Empty : Nodes.Concat(nodes), size);
                break;
            default:
                throw new InvalidOperationException($"Unknown expression {expression.GetType().Name}.");
        }
        return result is { } found && found.Language.Depth <= NodeDepthMax ? result : null;
    }

    private void Produce(int rule)
    {
        if (_inlined[rule] is { } whole)
        {
            if (rule == 0) _productions[0].Add(Symbol(whole.Language) is { } symbol ? [symbol] : []);
            return;
        }
        foreach (RuleExpression branch in _rules[rule] is RuleExpression.Choice choice ? choice.Branches : [_rules[rule]]) _productions[rule].Add(SymbolsOf(branch));
    }

    /// <summary>Symbols of an expression; regular neighbours are one terminal.</summary>
    private int[] SymbolsOf(RuleExpression expression)
    {
        var symbols = new List<int>();
        Node pending = Nodes.Empty;
        foreach (RuleExpression item in expression is RuleExpression.Sequence sequence ? sequence.Items : [expression])
        {
            Spend(1);
            if (TryNode(item) is var (node, _) && Nodes.Concat(pending, node) is { Depth: <= NodeDepthMax } joined)
            {
                pending = joined;
                continue;
            }
            Flush();
            symbols.Add(SymbolOf(item));
        }
        Flush();
        return [.. symbols];

        void Flush()
        {
            if (Symbol(pending) is { } symbol) symbols.Add(symbol);
            pending = Nodes.Empty;
        }
    }

    private int SymbolOf(RuleExpression item)
    {
        switch (item)
        {
            case RuleExpression.Reference reference when _inlined[reference.Rule] is null:
                return ~reference.Rule;
            case RuleExpression.Repeat repeat:
                int body = SymbolOf(repeat.Body);
                if (repeat.Max == Node.Unbounded)
                {
                    int loop = Helper([[]]);
                    _productions[~loop].Add([loop, body]);
                    return repeat.Min == 0 ? loop : Helper([[Rounds(body, repeat.Min, isExact: true), loop]]);
                }
                return repeat.Min == 0 ? Rounds(body, repeat.Max, isExact: false)
                    : Helper([[Rounds(body, repeat.Min, isExact: true), Rounds(body, repeat.Max - repeat.Min, isExact: false)]]);
            case RuleExpression.Choice choice:
                int either = Helper([]);
                foreach (RuleExpression branch in choice.Branches) _productions[~either].Add(SymbolsOf(branch));
                return either;
            case RuleExpression.Terminal terminal:
                return Symbol(terminal.Language) ?? Helper([[]]);
            case RuleExpression.Reference reference:
                return Symbol(_inlined[reference.Rule]!.Value.Language) ?? Helper([[]]);
            default:
                return Helper([SymbolsOf(item)]);
        }
    }

    /// <summary>Exactly, or at most, so many rounds of a symbol: halves that are shared.</summary>
    private int Rounds(int body, int count, bool isExact)
    {
        if (count == 0) return Helper([[]]);
        if (_rounds.TryGetValue((body, count, isExact), out int known)) return known;
        int made;
        if (count == 1)
        {
            made = isExact ? body : Helper([[], [body]]);
        }
        else
        {
            int half = Rounds(body, count / 2, isExact);
            made = Helper(count % 2 == 0 ? [[half, half]] : [[half, half, Rounds(body, 1, isExact)]]);
        }
        return _rounds[(body, count, isExact)] = made;
    }

    private int Helper(int[][] productions)
    {
        _productions.Add([.. productions]);
        return ~(_productions.Count - 1);
    }

    /// <summary>Null for the empty text.</summary>
    private int? Symbol(Node language)
    {
        if (language.Kind == NodeKind.Empty) return null;
        if (!_terminalNumbers.TryGetValue(language, out int number))
        {
            number = _terminalNumbers[language] = _terminals.Count;
            _terminals.Add(language);
        }
        return number;
    }

    private void Spend(long operations)
    {
        if (!_fuel.TrySpend(operations)) throw new Structure.FuelSpentException();
    }

    private RuleGrammar? Lay()
    {
        Spend(_productions.Sum(static x => x.Sum(static y => 1L + y.Length)));
        foreach (Node terminal in _terminals)
        {
            if (Witness.IsLive(terminal, new Fuel(TerminalFuel)) is null) throw new Structure.FuelSpentException();
        }
        TextDfa[] terminals = [.. _terminals.Select(TextDfa.Of)];
        long[] terminalCosts = [.. terminals.Select(static x => x.Start == ByteDfa.Dead ? RuleGrammar.None : x.CostOf(x.Start))];
        bool[] terminalNullable = [.. terminals.Select(static x => x.Start != ByteDfa.Dead && x.IsAccepting(x.Start))];
        long[] costs = Costs(terminalCosts);
        if (costs[0] == RuleGrammar.None) return null;
        bool[] nullable = NullableOf(terminalNullable, costs);
        var symbols = new List<int>();
        var rests = new List<long>();
        var starts = new int[_productions.Count][];
        for (int rule = 0; rule < starts.Length; rule++)
        {
            var own = new List<int>();
            foreach (int[] production in _productions[rule])
            {
                if (CostOf(production, terminalCosts, costs) == RuleGrammar.None) continue;
                own.Add(symbols.Count);
                long[] after = new long[production.Length + 1];
                for (int i = production.Length - 1; i >= 0; i--) after[i] = RuleGrammar.Sum(after[i + 1], CostOf(production[i], terminalCosts, costs));
                symbols.AddRange([.. production, RuleGrammar.End]);
                rests.AddRange(after);
            }
            starts[rule] = [.. own];
        }
        return new RuleGrammar { Symbols = [.. symbols], Terminals = terminals, Starts = starts, Nullable = nullable, RestCosts = [.. rests] };
    }

    private static long CostOf(int symbol, long[] terminals, long[] rules) => symbol >= 0 ? terminals[symbol] : rules[~symbol];

    private static long CostOf(int[] production, long[] terminals, long[] rules)
    {
        long cost = 0;
        foreach (int symbol in production) cost = RuleGrammar.Sum(cost, CostOf(symbol, terminals, rules));
        return cost;
    }

    /// <summary>Cheapest texts: a least fixpoint, spread from where costs fall to the productions that mention them.</summary>
    private long[] Costs(long[] terminals)
    {
        var costs = new long[_productions.Count];
        Array.Fill(costs, RuleGrammar.None);
        List<int>[] users = Users();
        var open = new Queue<int>(Enumerable.Range(0, costs.Length));
        while (open.TryDequeue(out int rule))
        {
            Spend(1);
            long best = costs[rule];
            foreach (int[] production in _productions[rule]) best = Math.Min(best, CostOf(production, terminals, costs));
            if (best >= costs[rule]) continue;
            costs[rule] = best;
            foreach (int user in users[rule]) open.Enqueue(user);
        }
        return costs;
    }

    private bool[] NullableOf(bool[] terminals, long[] costs)
    {
        var nullable = new bool[_productions.Count];
        List<int>[] users = Users();
        var open = new Queue<int>(Enumerable.Range(0, nullable.Length));
        while (open.TryDequeue(out int rule))
        {
            Spend(1);
            if (nullable[rule] || costs[rule] == RuleGrammar.None) continue;
            if (!_productions[rule].Exists(x => Array.TrueForAll(x, y => y >= 0 ? terminals[y] : nullable[~y]))) continue;
            nullable[rule] = true;
            foreach (int user in users[rule]) open.Enqueue(user);
        }
        return nullable;
    }

    private List<int>[] Users()
    {
        List<int>[] users = [.. _productions.Select(static _ => new List<int>())];
        for (int rule = 0; rule < _productions.Count; rule++)
        {
            foreach (int symbol in _productions[rule].SelectMany(static x => x).Where(static x => x < 0).Distinct()) users[~symbol].Add(rule);
        }
        return users;
    }
}
