using System.Runtime.CompilerServices;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Structure;
using Cluster.Tokenization;

namespace Cluster.Grammar.Masks;

/// <summary>
/// Finds the tokens allowed at a position. Structure is stepped through byte by byte, over small tries of the tokens that can stand at the
/// place at all; wherever a leaf begins or goes on, its row says which tokens stay inside, and the walk resumes with what follows the leaf.
/// </summary>
/// <remarks>One per engine, used under the machine's gate; its arrays are reused from mask to mask.</remarks>
internal sealed partial class MaskWalk(Machine machine, MaskVocabulary vocabulary)
{
    // Below a node of at most so many nodes a leaf is walked on the spot: a look-up costs more.
    private const int SmallMax = 40;

    private readonly int _deepest = vocabulary.Trie.DepthMax;

    // The path of the walk in progress. Each thread lends its own to whichever walk it runs: one of each engine's would be most of what a new grammar takes.
    private Cursor[] _cursors = [];
    private int[] _states = [];

    [ThreadStatic]
    private static (Cursor[]? Cursors, int[]? States) _lent;

    private readonly List<HashSet<int>> _sets = [];
    private int _setsInUse;
    private bool _isShared;
    private (object? At, Phase Phase) _last;
    private int _lastUpper;
    private long _visited;

    /// <summary>Allowed ids beside those of <see cref="Bits"/>, in no order, perhaps repeated.</summary>
    public List<int> Ids { get; } = [];

    /// <summary>Allowed ids as bits; null for none.</summary>
    public ulong[]? Bits { get; private set; }

    /// <summary>Upper bound on the ids in <see cref="Bits"/>.</summary>
    public int BitCount { get; private set; }

    /// <summary>Tokens whose verdict depends on the text of an unfinished key or item: each is to be tried by itself.</summary>
    public List<int> Textual { get; } = [];

    /// <summary>Least depth of the stack that any allowed prefix led to.</summary>
    public int DepthLeast { get; private set; }

    /// <summary>No allowed token needs more compact bytes than this to the document's end.</summary>
    public int MostBytes { get; private set; }

    /// <summary>Whether <see cref="Bits"/> may be written to.</summary>
    public bool OwnsBits => !_isShared;

    public void Run(in Cursor from)
    {
        Ids.Clear();
        Textual.Clear();
        (Bits, BitCount, MostBytes, _isShared, _setsInUse, _visited, _last) = (null, 0, 0, false, 0, 0, default);
        DepthLeast = from.Stack?.Depth ?? 0;
        (_cursors, _states) = (_lent.Cursors ?? new Cursor[2 * _deepest + 16], _lent.States ?? new int[2 * _deepest + 16]);
        _lent = default;
        try
        {
            Walk(from);
        }
        finally
        {
            // What they refer to must not live on with the thread.
            Array.Clear(_cursors);
            _lent = (_cursors, _states);
            (_cursors, _states) = ([], []);
        }
        machine.Spend(_visited);
    }

    private void Walk(Cursor cursor)
    {
        cursor.KeyStart = 0;
        if (cursor.Phase is Phase.Scalar or Phase.Key)
        {
            Leaf(vocabulary.Whole, 0, cursor, 0, null, -1);
        }
        else
        {
            TextTrie trie = cursor.Phase switch
            {
                Phase.Value => vocabulary.Value,
                Phase.ObjectOpen or Phase.ObjectKey => vocabulary.Object,
                Phase.ArrayOpen => vocabulary.Array,
                Phase.Colon => vocabulary.Colon,
                _ => vocabulary.After,
            };
            Structure(trie, 0, cursor, 0, null, -1);
        }
    }

    /// <summary>Walks the texts below a node from a cursor that stands between values.</summary>
    /// <param name="top">First free place on the stacks of this walk.</param>
    /// <param name="excluded">Tokens that are not to be taken; null for none.</param>
    /// <param name="vague">Depth of the level of which it is not known which key or item was read last; -1 for none.</param>
    private void Structure(TextTrie trie, int root, in Cursor from, int top, HashSet<int>? excluded, int vague)
    {
        byte[] bytes = trie.Bytes;
        int[] ends = trie.Ends;
        ushort[] depths = trie.Depths;
        int above = depths[root] - top, end = ends[root];
        if (end == root + 1) return;
        Reserve(top + _deepest + 2);
        _cursors[top] = from;
        _states[top] = vague;
        for (int node = root + 1; node < end;)
        {
            int at = depths[node] - above;
            byte value = bytes[node];
            _visited++;
            ref Cursor cursor = ref _cursors[at];
            cursor = _cursors[at - 1];
            vague = _states[at - 1];
            if (vague >= 0 && value == ',' && vague == cursor.Stack?.Depth && !IsPlentiful(cursor))
            {
                Try(trie, node, excluded);
                node = ends[node];
                continue;
            }
            bool endsItem = value is (byte)']' or (byte)'}' && cursor.Phase != Phase.ObjectKey && cursor.Stack?.Slot.IsRemembered == true;
            bool beginsItem = cursor.Phase == Phase.Value && Unsafe.As<Slot>(cursor.At).IsRemembered;
            if (!machine.Stepper.Step(ref cursor, value, [], 0, needsKeys: false))
            {
                node = ends[node];
                continue;
            }
            int depth = cursor.Stack?.Depth ?? 0;
            if (depth < DepthLeast) DepthLeast = depth;
            if (endsItem && vague >= 0 && vague < depth)
            {
                Try(trie, node, excluded);
                node = ends[node];
                continue;
            }
            if (endsItem) vague = depth;
            bool isLeaf = cursor.Phase is Phase.Scalar or Phase.Key;
            if (beginsItem && vague >= 0 && vague == (isLeaf ? depth : depth - 1) && !IsPlentifulString(cursor))
            {
                Try(trie, node, excluded);
                node = ends[node];
                continue;
            }
            if (isLeaf)
            {
                Leaf(trie, node, cursor, at + 1, excluded, vague);
                node = ends[node];
                continue;
            }
            _states[at] = vague;
            Take(cursor, trie.TokensAt(node), excluded);
            node++;
        }
    }

    /// <summary>Walks the texts below a node from a cursor in a leaf, each live part of it: what any of them allows is allowed.</summary>
    private void Leaf(TextTrie trie, int node, in Cursor cursor, int top, HashSet<int>? excluded, int vague)
    {
        Take(cursor, trie.TokensAt(node), excluded);
        if (trie.Ends[node] == node + 1) return;
        bool isKey = cursor.Phase == Phase.Key;
        LeafAutomaton automaton = isKey ? Unsafe.As<KeyLeaf>(cursor.At).Automaton : Unsafe.As<ValueLeaf>(cursor.At).Automaton;
        int literals = isKey ? Unsafe.As<KeyLeaf>(cursor.At).Literals.Length : 0;
        // Tokens that end a literal key: they end no key of a class, whether or not the literal may come.
        HashSet<int>? taken = null;
        if (excluded is not null && !trie.TokensBelow(node).ContainsAny(excluded)) excluded = null;
        bool isDirect = excluded is not null || trie.Ends[node] - node <= SmallMax;
        if (automaton.Single is { } single)
        {
            Part(trie, node, cursor, top, excluded, vague, new LeafPart(single, cursor.State, 0, automaton.IsSelfDelimiting), null, isDirect);
            return;
        }
        foreach ((int part, int state) in automaton.LivePartsOf(cursor.State))
        {
            bool isClass = isKey && part >= literals;
            HashSet<int>? mine = excluded;
            if (isClass && taken is { Count: > 0 })
            {
                if (excluded is not null) taken.UnionWith(excluded);
                mine = taken;
            }
            else if (isKey && !isClass && automaton.PartCount > literals)
            {
                taken ??= NewSet();
            }
            var live = new LeafPart(automaton.PartAt(part), state, part, automaton.IsSelfDelimiting);
            Part(trie, node, cursor, top, mine, vague, live, isClass ? null : taken, isDirect);
        }
        if (taken is not null) _setsInUse--;
    }

    private readonly record struct LeafPart(ByteDfa Dfa, int State, int Index, bool IsSelfDelimiting);

    private void Part(
        TextTrie trie, int node, in Cursor cursor, int top, HashSet<int>? excluded, int vague, LeafPart part, HashSet<int>? taken, bool isDirect)
    {
        bool isKey = cursor.Phase == Phase.Key;
        if (isDirect)
        {
            Direct(trie, node, cursor, top, excluded, vague, part, taken);
            return;
        }
        LeafRow row = vocabulary.Rows.Get(part.Dfa, part.State, trie, node, part.IsSelfDelimiting, machine.Fuel, out int moreBytes);
        Add(row);
        if (row.Count > 0) Need(row.MostBytes + moreBytes + machine.Levels.UpperOf(cursor) + (cursor.Stack?.MostClose ?? 0));
        if (row.After(isKey) is { } rest) Exit(rest, 0, cursor, top, excluded, vague, part, taken, isInclusive: part.IsSelfDelimiting);
        if (row.EndsHere) Exit(vocabulary.After, 0, cursor, top, excluded, vague, part, taken, isInclusive: false);
    }

    /// <summary>Walks one part of a leaf byte by byte.</summary>
    private void Direct(
        TextTrie trie, int root, in Cursor cursor, int top, HashSet<int>? excluded, int vague, LeafPart part, HashSet<int>? taken)
    {
        int above = trie.Depths[root] - top;
        Reserve(top + _deepest + 2);
        _states[top] = part.State;
        int most = -1, last = -1;
        for (int node = root + 1; node < trie.Ends[root];)
        {
            int at = trie.Depths[node] - above;
            byte value = trie.Bytes[node];
            _visited++;
            int before = _states[at - 1];
            int next = part.Dfa.Next(before, value);
            if (next == ByteDfa.Dead)
            {
                if (!part.IsSelfDelimiting && value is (byte)',' or (byte)']' or (byte)'}' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'
                    && part.Dfa.IsAccepting(before))
                {
                    ExitWith(trie, node, cursor, at, excluded, vague, part);
                }
                node = trie.Ends[node];
                continue;
            }
            if (part.IsSelfDelimiting && part.Dfa.IsAccepting(next))
            {
                Exit(trie, node, cursor, at, excluded, vague, part, taken, isInclusive: true);
                node = trie.Ends[node];
                continue;
            }
            _states[at] = next;
            ReadOnlySpan<int> tokens = trie.TokensAt(node);
            if (!tokens.IsEmpty)
            {
                AddIds(tokens, excluded);
                if (next != last) most = Math.Max(most, part.Dfa.ShortestLength(last = next));
            }
            node++;
        }
        if (most >= 0) Need(most + machine.Levels.UpperOf(cursor) + (cursor.Stack?.MostClose ?? 0));
    }

    /// <summary>Goes on after a leaf that ended at a node of <paramref name="trie"/>.</summary>
    private void Exit(
        TextTrie trie, int node, in Cursor cursor, int top, HashSet<int>? excluded, int vague, LeafPart part, HashSet<int>? taken, bool isInclusive)
    {
        if (cursor.Phase == Phase.Scalar)
        {
            Cursor after = Stepper.AfterValue(cursor, part.Index);
            bool isItem = Unsafe.As<ValueLeaf>(cursor.At).Slot.IsRemembered;
            // The second of two remembered items in one token may equal the first.
            if (isItem && vague >= 0 && vague <= (cursor.Stack?.Depth ?? 0))
            {
                Try(trie, node, excluded);
                return;
            }
            if (isItem) vague = cursor.Stack?.Depth ?? 0;
            if (isInclusive) Take(after, trie.TokensAt(node), excluded);
            Structure(trie, node, after, top, excluded, vague);
            return;
        }
        if (taken is not null)
        {
            foreach (int id in trie.TokensBelow(node)) taken.Add(id);
        }
        var keys = Unsafe.As<KeyLeaf>(cursor.At);
        int literals = keys.Literals.Length;
        if (part.Index < literals && keys.SlotOf(part.Index) is null) return;
        if (vague >= 0 && vague <= cursor.Stack?.Depth)
        {
            Try(trie, node, excluded);
            return;
        }
        bool isClass = part.Index >= literals;
        Cursor next = Stepper.AfterKey(cursor, isClass ? keys.Classes[part.Index - literals].Anonymous : keys.SlotOf(part.Index)!);
        if (isClass) vague = cursor.Stack?.Depth ?? -1;
        if (isInclusive) Take(next, trie.TokensAt(node), excluded);
        Structure(trie, node, next, top, excluded, vague);
    }

    /// <summary>Goes on where a number ends before the byte of <paramref name="node"/>.</summary>
    private void ExitWith(TextTrie trie, int node, in Cursor cursor, int top, HashSet<int>? excluded, int vague, LeafPart part)
    {
        Cursor after = Stepper.AfterValue(cursor, part.Index);
        if (Unsafe.As<ValueLeaf>(cursor.At).Slot.IsRemembered)
        {
            // Rare enough to be tried: a remembered number whose end and more are in one short branch.
            Try(trie, node, excluded);
            return;
        }
        if (!machine.Stepper.Step(ref after, trie.Bytes[node], [], 0, needsKeys: false)) return;
        DepthLeast = Math.Min(DepthLeast, after.Stack?.Depth ?? 0);
        Take(after, trie.TokensAt(node), excluded);
        Structure(trie, node, after, top, excluded, vague);
    }

    /// <summary>Whatever the last item was, a string may begin here in every way that it could before.</summary>
    private static bool IsPlentifulString(in Cursor cursor)
        => cursor.Phase == Phase.Scalar && Unsafe.As<ValueLeaf>(cursor.At) is { Automaton.IsSelfDelimiting: true, Slot.HasPlentifulStrings: true };

    /// <summary>Whatever the last item was, there is another.</summary>
    private static bool IsPlentiful(in Cursor cursor)
        => cursor.Phase != Phase.ArrayNext || Unsafe.As<ArrayLevel>(cursor.At).Item is not { IsRemembered: true } item || item.HasPlentifulStrings;

    private HashSet<int> NewSet()
    {
        if (_setsInUse == _sets.Count) _sets.Add([]);
        HashSet<int> set = _sets[_setsInUse++];
        set.Clear();
        return set;
    }

    private void Reserve(int count)
    {
        if (count <= _cursors.Length) return;
        Array.Resize(ref _cursors, 2 * count);
        Array.Resize(ref _states, 2 * count);
    }
}

internal static class TokenSpans
{
    public static bool ContainsAny(this ReadOnlySpan<int> tokens, HashSet<int> set)
    {
        foreach (int id in tokens)
        {
            if (set.Contains(id)) return true;
        }
        return false;
    }
}
