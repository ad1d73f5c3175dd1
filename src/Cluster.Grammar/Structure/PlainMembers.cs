namespace Cluster.Grammar.Structure;

/// <summary>
/// Which keys may come next in an object whose formula is a conjunction without choices, as most are: a key whose value can be written,
/// where it neither skips a required one nor takes its room. Nothing has to be rewritten or searched to know that.
/// </summary>
internal sealed class PlainMembers
{
    private readonly Machine _machine;
    private readonly ObjectState _state;
    private readonly Formula[] _kids;
    private readonly HashSet<int> _required = [];
    private readonly int _max = int.MaxValue;

    // The least place of a required key, and the next.
    private readonly int _first = int.MaxValue, _second = int.MaxValue;

    private PlainMembers(Machine machine, ObjectState state, Formula[] kids)
    {
        (_machine, _state, _kids) = (machine, state, kids);
        foreach (Formula kid in kids)
        {
            if (kid.Atom is HasAll has) _required.UnionWith(has.Names.Names);
            if (kid.Atom is MaxMembers max) _max = Math.Min(_max, max.Left);
        }
        foreach (int name in _required)
        {
            int rank = state.Order.RankOf(name);
            if (rank < 0) continue;
            if (rank < _first) (_first, _second) = (rank, _first);
            else if (rank < _second) _second = rank;
        }
    }

    /// <summary>For a state that can be finished; null where its formula offers choices.</summary>
    public static PlainMembers? Of(Machine machine, ObjectState state)
    {
        Formula[] kids = state.Rest.Kind == FormulaKind.And ? state.Rest.Kids : state.Rest.IsTrue ? [] : [state.Rest];
        foreach (Formula kid in kids)
        {
            if (kid.Atom is not (HasAll or MaxMembers or MembersAtom or KeysAtom)) return null;
        }
        return new PlainMembers(machine, state, kids);
    }

    /// <summary>Bytes of the smallest value of key <paramref name="name"/>; <see cref="Cost.None"/> if it may not come.</summary>
    public int BytesOf(int name)
    {
        if (!_state.Admits(name)) return Cost.None;
        bool isRequired = _required.Contains(name);
        if (_required.Count + (isRequired ? 0 : 1) > _max) return Cost.None;
        int rank = _state.Order.RankOf(name);
        int firstOther = isRequired && rank == _first ? _second : _first;
        if (firstOther != int.MaxValue && (rank < 0 || firstOther < rank)) return Cost.None;
        Formula predicate = _machine.Store.True;
        foreach (Formula kid in _kids)
        {
            if (kid.Atom is MembersAtom members) predicate = _machine.Store.And(predicate, members.PredicateOf(_machine, name));
            if (kid.Atom is KeysAtom keys && !keys.Language.Contains(_machine.Names.TextOf(name))) return Cost.None;
        }
        return _machine.Costs.BytesOf(predicate);
    }
}
