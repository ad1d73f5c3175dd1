using Cluster.Grammar.Automata;
using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>
/// The lazily built automaton of one schema under one set of options. All building happens under <see cref="Gate"/>; what is built is
/// immutable and read without it.
/// </summary>
internal sealed class Machine
{
    /// <summary>Stands for every key that no formula of a level mentions by name.</summary>
    public const int OtherKey = -1;

    public Machine(SchemaNode root, GrammarOptions options, Fuel fuel)
    {
        Options = options;
        Fuel = fuel;
        Projector = new Projector(this);
        Splitter = new Splitter(this);
        Costs = new CostSolver(this);
        Search = new WitnessSearch(this);
        Levels = new LevelStore(this);
        Stepper = new Stepper(this);
        Root = SchemaOf(root, DynamicScope.NewRoot());
    }

    // One entry of a table: its place, its key and a small value.
    private const int EntryBytes = 96;

    private readonly Dictionary<int, Formula> _values = [];
    private Formula? _compounds;
    private long _workPaid;
    private int _places;

    public Lock Gate { get; } = new();

    public GrammarOptions Options { get; }

    public TableMeter Meter { get; } = new();

    /// <summary>Estimated memory of all that was built so far.</summary>
    public long Bytes => Meter.Bytes + Store.Bytes + Names.Bytes + EntryBytes * ((long)AfterKeys.Count + WithoutKeys.Count + MemberPredicates.Count + Splitter.Count + Search.Count + Costs.Count);

    public FormulaStore Store { get; } = new();

    public NameTable Names { get; } = new();

    public Projector Projector { get; }

    public Splitter Splitter { get; }

    public CostSolver Costs { get; }

    public WitnessSearch Search { get; }

    public LevelStore Levels { get; }

    public Stepper Stepper { get; }

    /// <summary>The predicate on the document.</summary>
    public Formula Root { get; }

    /// <summary>The predicate "is an object or an array".</summary>
    public Formula Compounds => _compounds ??= SchemaOf(new SchemaNode(-1) { Types = ValueTypes.Object | ValueTypes.Array }, DynamicScope.Empty);

    /// <summary>Budget of the work in progress; set by whoever holds the gate.</summary>
    public Fuel Fuel { get; set; }

    internal Dictionary<(MemberRules, DynamicScope, int), Formula> MemberPredicates { get; } = [];

    /// <summary>What formulas become after a key, and when it is certain not to come: by name and formula, parts included. Most parts of an
    /// object's formula outlive most of its keys.</summary>
    internal Dictionary<long, Formula> AfterKeys { get; } = [];

    /// <inheritdoc cref="AfterKeys"/>
    internal Dictionary<long, Formula> WithoutKeys { get; } = [];

    /// <summary>The predicate "satisfies <paramref name="node"/>, met in <paramref name="scope"/>".</summary>
    public Formula SchemaOf(SchemaNode node, DynamicScope scope) => Projector.Predicate(node, scope);

    /// <summary>The predicate "equals the item whose JSON text is name <paramref name="item"/>".</summary>
    public Formula ValueOf(int item)
    {
        if (!_values.TryGetValue(item, out Formula? value))
        {
            SchemaNode node = SchemaReader.ConstOf(System.Text.Encoding.UTF8.GetBytes(Names.TextOf(item)), Options);
            _values[item] = value = SchemaOf(node, DynamicScope.Empty);
        }
        return value;
    }

    /// <summary>The number of a level, slot or leaf at which masks are asked for: 1 and up, in the order of their first use.</summary>
    public int NumberOf(ref int place)
    {
        int known = Volatile.Read(ref place);
        if (known != 0) return known;
        int made = Interlocked.Increment(ref _places);
        known = Interlocked.CompareExchange(ref place, made, 0);
        return known == 0 ? made : known;
    }

    /// <summary>Spends fuel.</summary>
    /// <exception cref="FuelSpentException">The budget is exceeded: the compile is refused, or the mask follows the witness.</exception>
    public void Spend(long operations = 1)
    {
        long work = Store.Work - _workPaid;
        _workPaid += work;
        if (!Fuel.TrySpend(operations + 4 * work)) throw new FuelSpentException();
    }
}

/// <summary>The work in progress exceeded its fuel. Never leaves the engine.</summary>
internal sealed class FuelSpentException : Exception
{
    /// <summary>The predicate whose smallest value took the most of it; null if that is not known.</summary>
    public Formula? Predicate { get; set; }
}
