namespace Cluster.Grammar.Automata.Numbers;

/// <summary>The written forms of a set of numbers as a byte automaton. Not self-delimiting: accepting means the number may end here.</summary>
internal sealed class NumberDfa : LazyDfa<NumberState>
{
    private readonly NumberMachine _machine;
    private readonly HashSet<NumberState> _dead = [];

    public NumberDfa(NumberMachine machine)
    {
        _machine = machine;
        Start = StateOf(new NumberState(NumberPhase.Start));
    }

    public override int Start { get; }

    protected override bool Accepts(NumberState key) => _machine.Accepts(key);

    protected override byte[] Complete(NumberState key) => NumberCompletion.Of(_machine, key);

    protected override int BytesOf(NumberState key) => 160 + (2 * key.Signature.Length) + key.Mantissa.GetByteCount();

    protected override void Expand(NumberState key, Span<int> row)
    {
        foreach (var value in "+-.0123456789e"u8)
        {
            row[value] = _machine.Successor(key, value) is { } next ? StateOf(next) : Dead;
        }
        row['E'] = row['e'];
    }

    private int StateOf(NumberState state)
    {
        state = state with { Signature = NumberSignature.Of(state, _machine.Side(state), _machine.Writing.Exponents) };
        if (TryFind(state, out var known))
        {
            return known;
        }
        if (_dead.Contains(state))
        {
            return Dead;
        }
        if (_machine.IsLive(state))
        {
            return Intern(state);
        }
        _dead.Add(state);
        return Dead;
    }
}
