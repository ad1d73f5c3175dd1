using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>The keys of a level that have a place, in their order. Empty under <see cref="PropertyOrder.Any"/>.</summary>
internal sealed class NameOrder
{
    private readonly Dictionary<int, int> _ranks = [];

    private NameOrder(List<int> names, NameSet? set)
    {
        Names = [.. names];
        Set = set;
        for (int i = 0; i < Names.Length; i++) _ranks[Names[i]] = i;
    }

    public static readonly NameOrder None = new([], null);

    public int[] Names { get; }

    /// <summary>The same as a set; null where there are none.</summary>
    public NameSet? Set { get; }

    /// <summary>Place of a key; -1 when it has none and comes after all that have.</summary>
    public int RankOf(int name) => _ranks.TryGetValue(name, out int rank) ? rank : -1;

    /// <summary>
    /// First declaration among the positive conjuncts of an object's predicate, in source order, references and allOf in the place where they stand.
    /// A key that is only required has no place: where branches declare it, their order would be another one.
    /// </summary>
    public static NameOrder Of(Machine machine, Formula predicate)
    {
        var names = new List<int>();
        var seen = new HashSet<int>();
        // Depth is bounded by the in-place nesting that the reader allows.
        void Visit(Formula formula)
        {
            if (formula.Kind == FormulaKind.And)
            {
                foreach (Formula kid in formula.Kids) Visit(kid);
            }
            else if (formula.Atom is SchemaAtom atom)
            {
                VisitNode(atom.Node, atom.Scope);
            }
        }
        void Add(string key)
        {
            int name = machine.Names.IdOf(key);
            if (seen.Add(name)) names.Add(name);
        }
        void VisitNode(SchemaNode node, DynamicScope scope)
        {
            foreach (OrderSource source in node.OrderSources)
            {
                switch (source)
                {
                    case OrderSource.Properties when node.Members is not null:
                        foreach ((string key, _) in node.Members.Properties) Add(key);
                        break;
                    case OrderSource.Reference when node.Reference is not null:
                        Visit(machine.SchemaOf(node.Reference, scope));
                        break;
                    case OrderSource.DynamicReference when node.DynamicReference is { } dynamic:
                        SchemaNode target = dynamic.Anchor is { } anchor && scope.Find(anchor) is { } outer ? outer : dynamic.Initial;
                        Visit(machine.SchemaOf(target, scope));
                        break;
                    case OrderSource.AllOf:
                        foreach (SchemaNode kid in node.AllOf) Visit(machine.SchemaOf(kid, scope));
                        break;
                    case OrderSource.Const:
                        foreach (ConstSet set in node.Consts)
                        {
                            if (set.Objects.Length != 1) continue;
                            foreach ((string key, _) in set.Objects[0].Members!.Properties) Add(key);
                        }
                        break;
                }
            }
        }
        Visit(predicate);
        return names.Count == 0 ? None : new NameOrder(names, machine.Names.Set(names));
    }
}
