using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Grammar.Structure;

namespace Cluster.Grammar.Masks;

/// <summary>Masks of a sequence that has few tokens left, or that stands near the deepest nesting.</summary>
internal sealed partial class MaskEngine
{
    /// <summary>Bytes of masks under budgets that are kept; then all are made anew.</summary>
    private const long BudgetBytesMax = 8 << 20;

    private readonly ConcurrentDictionary<Place, BudgetMasks> _budgets = new(concurrencyLevel: 1, capacity: 3);
    private long _budgetBytes;

    /// <summary>After the end of sequence nothing is needed, not even a budget.</summary>
    private const int Nothing = int.MinValue;

    /// <summary>Where a cursor stands, as far as the rest of a document depends on it outside of a key and of remembered values.</summary>
    private readonly record struct Place(object At, int State, Frame? Stack, short Gap, Phase Phase, Spacing Spacing)
    {
        public Place(in Cursor cursor) : this(cursor.At, cursor.State, cursor.Stack, cursor.Gap, cursor.Phase, cursor.Spacing)
        {
        }
    }

    // A mask's entry, its node and its place in a table.
    private const int EntryBytes = 320;

    // Bytes of the mask made last that are its own; used under the gate.
    private long _ownBytes;

    /// <summary>The tokens of a mask after which the witness still fits. Near the end of a budget, and near the deepest nesting, only.</summary>
    private TokenMask Narrow(in Cursor cursor, TokenMask mask, int tokensLeft, bool isNearCap)
    {
        int rest = tokensLeft - 1;
        if (cursor.Phase == Phase.Key || cursor.Captured is not null)
        {
            lock (_machine.Gate) return MasksByBudget(cursor, mask, rest, isNearCap).Within(rest);
        }
        var place = new Place(cursor);
        if (_budgets.TryGetValue(place, out BudgetMasks? known) && known.Most >= rest) return known.Within(rest);
        lock (_machine.Gate)
        {
            // For a larger budget too, so that the next sequence with a little more of it finds them.
            BudgetMasks made = MasksByBudget(cursor, mask, (int)Math.Min(int.MaxValue - 1, BitOperations.RoundUpToPowerOf2((uint)Math.Max(rest, 1))), isNearCap);
            _budgetBytes += made.Size;
            if (_budgetBytes > BudgetBytesMax)
            {
                _budgets.Clear();
                _budgetBytes = made.Size;
            }
            _budgets[place] = made;
            return made.Within(rest);
        }
    }

    /// <param name="most">Tokens that need more after them are left out.</param>
    private BudgetMasks MasksByBudget(in Cursor cursor, TokenMask mask, int most, bool isNearCap)
    {
        var idsByRest = new SortedDictionary<int, List<int>>();
        var rests = new Dictionary<Place, int>();
        (Place Place, List<int>? Ids) last = default;
        if (mask.IsList)
        {
            foreach (int id in mask.Ids)
            {
                Cursor next = cursor;
                if (Vocabulary.IsSpecial(id)) IdsOf(Nothing).Add(id);
                else if (TryRead(ref next, Vocabulary.BytesOf(id))) IdsAt(next)?.Add(id);
            }
        }
        else
        {
            foreach (int id in Vocabulary.EndIds) if (Vocabulary.IsSpecial(id) && mask.Allows(id)) IdsOf(Nothing).Add(id);
            TextTrie trie = _vocabulary.Whole;
            Cursor next = cursor;
            for (int node = 0; (node = NextNode(trie, node, ref next)) < trie.Bytes.Length;)
            {
                ReadOnlySpan<int> tokens = trie.TokensAt(node);
                if (tokens.IsEmpty) continue;
                Commit(ref next, _pathBytes.AsSpan(0, trie.Depths[node]));
                if (IdsAt(next) is not { } ids) continue;
                foreach (int id in tokens) if (mask.Allows(id)) ids.Add(id);
            }
        }
        // Near the deepest nesting what fits nothing may lead nowhere; its own completion does not.
        TokenMask none = isNearCap ? AlongWitness(Trie, Witness.Write(cursor), IsComplete(cursor)) : mask;
        return new BudgetMasks(mask, none, most, idsByRest, Vocabulary.Size);

        List<int> IdsOf(int rest)
        {
            if (!idsByRest.TryGetValue(rest, out List<int>? ids)) idsByRest[rest] = ids = [];
            return ids;
        }

        List<int>? IdsAt(in Cursor next)
        {
            // Where a key stands matters to its bound only as long as it may still become a literal; what an item is, while a plan may want it.
            bool isShared = !WitnessWriter.MayBePlanned(next) && (next.Phase != Phase.Key
                || Unsafe.As<KeyLeaf>(next.At) is { } keys && keys.Automaton.TryGetSingle(next.State, out int part, out _)
                && part >= keys.Literals.Length);
            var place = new Place(next);
            if (isShared && place == last.Place) return last.Ids;
            if (!isShared || !rests.TryGetValue(place, out int rest))
            {
                rest = TokensToComplete(next, most, isNearCap ? _machine.Options.DepthMax : int.MaxValue);
                if (isShared) rests[place] = rest;
            }
            List<int>? ids = rest <= most ? IdsOf(rest) : null;
            if (isShared) last = (place, ids);
            return ids;
        }
    }
}
