using System.Text;
using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata;

/// <summary>The texts of a language as plain UTF-8: no quotes, no escapes.</summary>
internal sealed class TextDfa : CodePointDfa
{
    private static readonly LeafCache<Node, TextDfa> Automata = LeafCache<Node, TextDfa>.Shared(64, static dfa => 1_024 + dfa.Bytes);

    private TextDfa(Node root) => Start = Witness.IsLive(root, new Fuel(16 * StateFuel)) == true ? At(root) : Dead;

    public override int Start { get; }

    /// <summary>The automaton of a language; equal ones are shared.</summary>
    public static TextDfa Of(Node node) => Automata.TryGet(node, out var known) ? known : Automata.Add(node, new TextDfa(node));

    /// <summary>
    /// How far a state is from acceptance: 0 where it accepts, else more by at least the bytes of <see cref="ByteDfa.ShortestCompletion"/>, and less by at least
    /// one after each of these bytes.
    /// </summary>
    public long CostOf(int state)
    {
        var key = KeyOf(state);
        var fuel = new Fuel(16 * StateFuel);
        if (key.Phase != BodyPhase.Split)
        {
            return (key.Phase == BodyPhase.Tail ? key.Left : 0) + CostOf(key.Node, fuel);
        }
        return key.Left + Choose(key, fuel).Cost;
    }

    protected override bool Accepts(BodyKey key) => key.Phase == BodyPhase.Boundary && key.Node.Nullable;

    protected override void Expand(BodyKey key, Span<int> row)
    {
        switch (key.Phase)
        {
            case BodyPhase.Boundary:
                var live = LiveRow(key.Node);
                foreach (var step in live.Steps)
                {
                    if (step.Low <= 0x7F)
                    {
                        row[step.Low..(Math.Min(step.High, 0x7F) + 1)].Fill(At(step.Target));
                    }
                }
                ExpandLeads(live, key.Node, row);
                break;
            case BodyPhase.Split:
                ExpandSplit(key, row);
                break;
            case BodyPhase.Tail:
                ExpandTail(key, row);
                break;
        }
    }

    protected override byte[] Complete(BodyKey key)
    {
        var fuel = new Fuel(16 * StateFuel);
        var bytes = new List<byte>();
        var rest = key.Node;
        if (key.Phase == BodyPhase.Tail)
        {
            bytes.Add((byte)Utf8.SecondByte(key.Value).Low);
            bytes.AddRange(Enumerable.Repeat((byte)0x80, key.Left - 1));
        }
        else if (key.Phase == BodyPhase.Split)
        {
            var (_, codePoint, target) = Choose(key, fuel);
            bytes.AddRange(Encoding.UTF8.GetBytes(new Rune(codePoint).ToString())[^key.Left..]);
            rest = target;
        }
        var text = Witness.Shortest(rest, fuel) ?? throw new InvalidOperationException("A live state has no witness within its fuel.");
        foreach (var codePoint in text)
        {
            bytes.AddRange(Encoding.UTF8.GetBytes(new Rune(codePoint).ToString()));
        }
        return [.. bytes];
    }

    private static long CostOf(Node node, Fuel fuel) => node.Nullable ? 0 : node.IsPlain ? node.CostFloor : Witness.Cost(node, fuel) ?? long.MaxValue;

    // Inside a sequence whose targets differ: the cheapest of them.
    private static (long Cost, int CodePoint, Node Target) Choose(BodyKey key, Fuel fuel)
    {
        var best = (Cost: long.MaxValue, CodePoint: 0, Target: Nodes.Nothing);
        var low = Math.Max(key.Value, key.Value > 0 ? 0 : key.Left == 1 ? 0x80 : key.Left == 2 ? 0x800 : 0x10000);
        var high = key.Value + (1 << (6 * key.Left)) - 1;
        foreach (var step in LiveRows.Of(key.Node, fuel, out _).Steps)
        {
            if (step.Low <= high && step.High >= low && CostOf(step.Target, fuel) is var cost && cost < best.Cost)
            {
                best = (cost, Math.Max(step.Low, low), step.Target);
            }
        }
        return best;
    }
}
