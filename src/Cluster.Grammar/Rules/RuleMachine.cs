using Cluster.Grammar.Automata;
using Cluster.Grammar.Structure;

namespace Cluster.Grammar.Rules;

/// <summary>
/// The lazy automaton of a context-free grammar. A set is known by its kernel, the terminals being read and what each returns to; sets with equal
/// kernels are the same object, so that whatever is regular in a grammar has finitely many states, and recursion makes one return per open
/// nonterminal. A nonterminal at the end of its production returns straight to where the production does: right recursion needs no stack.
/// </summary>
/// <remarks>
/// A stack of alternatives was rejected, because left recursion has no end in it and ambiguity multiplies it; sets are polynomial whatever the grammar.
/// The table starts anew when it holds <see cref="SetsMax"/> sets; states in use live on, and rebuild their successors.
/// </remarks>
internal sealed class RuleMachine
{
    /// <summary>Sets kept at a time.</summary>
    public const int SetsMax = 16_384;

    // A row of successors and the items themselves.
    private const int SetBytes = 3 << 10;

    /// <summary>Operations that count for one item: a look-up or two, and its part in a key.</summary>
    private const int ItemFuel = 40;

    private readonly RuleGrammar _grammar;
    private readonly Dictionary<KernelKey, RuleSet> _sets = [];
    private readonly RuleReturn _whole;
    private long _returns;
    private int _generation;

    public RuleMachine(RuleGrammar grammar, Fuel fuel)
    {
        _grammar = grammar;
        Fuel = fuel;
        _whole = new RuleReturn(_returns++, null) { Cost = 0 };
        Start = new RuleSet();
        Fill(Start, [], isStart: true);
        Fuel = new Fuel(long.MaxValue);
    }

    public Lock Gate { get; } = new();

    /// <summary>Budget of the work in progress; set by whoever holds the gate.</summary>
    public Fuel Fuel { get; set; }

    public RuleSet Start { get; }

    /// <summary>Sets known at present.</summary>
    public int Count => _sets.Count;

    /// <summary>Their memory, estimated.</summary>
    public long Bytes => _sets.Count * (long)SetBytes;

    /// <summary>The set after <paramref name="value"/>; <see cref="RuleSet.Dead"/> where it is not allowed.</summary>
    public RuleSet Next(RuleSet set, byte value)
    {
        RuleSet?[]? row = set.Next;
        if (row is not null && set.Generation == Volatile.Read(ref _generation) && Volatile.Read(ref row[value]) is { } known) return known;
        lock (Gate)
        {
            RuleSet next = Make(set, value);
            if (set.Next is null || set.Generation != _generation) (set.Next, set.Generation) = (new RuleSet?[256], _generation);
            Volatile.Write(ref set.Next[value], next);
            return next;
        }
    }

    private RuleSet Make(RuleSet set, byte value)
    {
        var kernel = new List<RuleItem>(set.Scans.Length);
        foreach (RuleItem item in set.Scans)
        {
            TextDfa terminal = _grammar.Terminals[_grammar.Symbols[item.Position]];
            int state = terminal.Next(item.State, value);
            if (state == ByteDfa.Dead) continue;
            kernel.Add(item with { State = state });
            if (terminal.IsAccepting(state)) kernel.Add(new RuleItem(item.Position + 1, item.Return, -1));
        }
        Spend(ItemFuel * (1 + set.Scans.Length));
        if (kernel.Count == 0) return RuleSet.Dead;
        kernel.Sort(static (x, y) => x.Position != y.Position ? x.Position.CompareTo(y.Position)
            : x.Return.Id != y.Return.Id ? x.Return.Id.CompareTo(y.Return.Id) : x.State.CompareTo(y.State));
        var key = new KernelKey([.. kernel.Distinct()]);
        if (_sets.TryGetValue(key, out RuleSet? known)) return known;
        var made = new RuleSet();
        Fill(made, key.Items, isStart: false);
        if (_sets.Count >= SetsMax)
        {
            _sets.Clear();
            Volatile.Write(ref _generation, _generation + 1);
        }
        _sets[key] = made;
        return made;
    }

    /// <summary>
    /// 1. Take over the terminals that go on. 2. From each position reached: predict a nonterminal, begin a terminal, or return. 3. Find out what completing costs.
    /// </summary>
    private void Fill(RuleSet set, RuleItem[] kernel, bool isStart)
    {
        var scans = new List<RuleItem>();
        var seen = new HashSet<(int, RuleReturn)>();
        var open = new Stack<(int Position, RuleReturn Return)>();
        var returns = new Dictionary<int, RuleReturn>();
        // 1.
        foreach (RuleItem item in kernel)
        {
            if (item.State >= 0) scans.Add(item);
            else Reach(item.Position, item.Return);
        }
        if (isStart)
        {
            foreach (int start in _grammar.Starts[0]) Reach(start, _whole);
        }
        // 2.
        while (open.TryPop(out (int Position, RuleReturn Return) at))
        {
            Spend(ItemFuel);
            int symbol = _grammar.Symbols[at.Position];
            if (symbol == RuleGrammar.End)
            {
                if (at.Return == _whole) set.IsComplete = true;
                // What began here ends here only as the empty text, and for that it was passed over when it was predicted.
                else if (at.Return.Set != set) foreach ((int position, RuleReturn next) in at.Return.Waiting) Reach(position, next);
            }
            else if (symbol >= 0)
            {
                TextDfa terminal = _grammar.Terminals[symbol];
                scans.Add(new RuleItem(at.Position, at.Return, terminal.Start));
                if (terminal.IsAccepting(terminal.Start)) Reach(at.Position + 1, at.Return);
            }
            else
            {
                Predict(~symbol, at.Position + 1, at.Return);
            }
        }
        // 3.
        set.Scans = [.. scans.Distinct()];
        Price(set, returns.Values);

        void Reach(int position, RuleReturn to)
        {
            if (seen.Add((position, to))) open.Push((position, to));
        }

        void Predict(int rule, int after, RuleReturn to)
        {
            RuleReturn target = to;
            if (_grammar.Symbols[after] != RuleGrammar.End)
            {
                if (!returns.TryGetValue(rule, out target!)) returns[rule] = target = new RuleReturn(_returns++, set);
                target.Waiting.Add((after, to));
            }
            foreach (int start in _grammar.Starts[rule]) Reach(start, target);
            if (_grammar.Nullable[rule]) Reach(after, to);
        }
    }

    private void Price(RuleSet set, IEnumerable<RuleReturn> returns)
    {
        // Returns of one set may wait for each other: rounds until nothing falls, as many as the longest such chain at most.
        List<RuleReturn> own = [.. returns];
        for (bool isChanged = true; isChanged;)
        {
            isChanged = false;
            foreach (RuleReturn target in own)
            {
                foreach ((int position, RuleReturn next) in target.Waiting)
                {
                    long cost = RuleGrammar.Sum(_grammar.RestCosts[position], next.Cost);
                    if (cost >= target.Cost) continue;
                    target.Cost = cost;
                    isChanged = true;
                }
                Spend(target.Waiting.Count);
            }
        }
        if (set.IsComplete)
        {
            set.Cost = 0;
            return;
        }
        foreach (RuleItem item in set.Scans) set.Cost = Math.Min(set.Cost, CostOf(item));
    }

    /// <summary>First byte of a cheapest completion of a set that is not complete. A function of the set: what follows it is the completion of where it leads.</summary>
    public byte CheapestByte(RuleSet set)
    {
        int best = 256;
        foreach (RuleItem item in set.Scans)
        {
            // A terminal that may end here costs nothing, and what follows it is scanned too.
            TextDfa terminal = _grammar.Terminals[_grammar.Symbols[item.Position]];
            if (CostOf(item) == set.Cost && !terminal.IsAccepting(item.State)) best = Math.Min(best, terminal.ShortestCompletion(item.State)[0]);
        }
        return (byte)best;
    }

    private long CostOf(RuleItem item) => RuleGrammar.Sum(_grammar.Terminals[_grammar.Symbols[item.Position]].CostOf(item.State),
        RuleGrammar.Sum(_grammar.RestCosts[item.Position + 1], item.Return.Cost));

    private void Spend(long operations)
    {
        if (!Fuel.TrySpend(operations)) throw new FuelSpentException();
    }

    private readonly struct KernelKey(RuleItem[] items) : IEquatable<KernelKey>
    {
        public RuleItem[] Items { get; } = items;

        public bool Equals(KernelKey other) => Items.AsSpan().SequenceEqual(other.Items);

        public override bool Equals(object? obj) => obj is KernelKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (RuleItem item in Items)
            {
                hash.Add(item.Position);
                hash.Add(item.Return.Id);
                hash.Add(item.State);
            }
            return hash.ToHashCode();
        }
    }
}
