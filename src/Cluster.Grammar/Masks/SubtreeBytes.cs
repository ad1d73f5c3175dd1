using System.Runtime.CompilerServices;
using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Masks;

/// <summary>
/// Which bytes occur below each larger node of the vocabulary's trie. Where none of them can end a string body too early, whatever it goes
/// on with, the whole subtree is inside, in one step: a pattern such as <c>[^,]*</c> is then decided at the first or second character of most tokens.
/// </summary>
internal sealed class SubtreeBytes
{
    // Smaller subtrees are walked as quickly as looked up.
    private const int SizeMin = 6;

    // In a set, bit b stands for the ASCII byte b. Control characters never occur raw in a string, so that two of their bits are free for
    // other uses: some byte of a longer character; bytes that no string continues with.
    private const ulong Long = SafeBytes.Long, Broken = 2;

    private readonly int[] _places;
    private readonly (ulong Low, ulong High, int Height)[] _sets;

    /// <param name="free">The automaton of a free string body.</param>
    /// <param name="deepest">Bytes of the longest token.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public SubtreeBytes(TextTrie whole, ByteDfa free, int deepest)
    {
        int count = whole.Bytes.Length;
        bool[] isBroken = FindBroken(whole, free, deepest);
        _places = new int[count];
        var sets = new List<(ulong, ulong, int)> { default };
        var below = new (ulong Low, ulong High, int End)[deepest + 2];
        for (int node = count - 1; node > 0; node--)
        {
            int depth = whole.Depths[node];
            (ulong low, ulong high, int end) = below[depth + 1];
            end = Math.Max(end, depth);
            below[depth + 1] = default;
            if (whole.Ends[node] - node >= SizeMin)
            {
                _places[node] = sets.Count;
                sets.Add((low, high, end - depth));
            }
            byte value = whole.Bytes[node];
            if (isBroken[node]) low |= Broken;
            else if (value >= 0x80) low |= Long;
            else if (value < 64) low |= 1UL << value;
            else high |= 1UL << (value - 64);
            below[depth] = (below[depth].Low | low, below[depth].High | high, Math.Max(below[depth].End, end));
        }
        _sets = [.. sets];
    }

    /// <summary>Memory, in bytes.</summary>
    public long Bytes => _places.Length * 4L + _sets.Length * 24L;

    /// <summary>Whether a subtree is of some size and every byte below its node is in <paramref name="safe"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsWithin(int node, in SafeBytes safe)
    {
        int place = _places[node];
        if (place == 0) return false;
        ref (ulong Low, ulong High, int Height) set = ref _sets[place];
        return set.Height <= safe.Steps && ((set.Low & ~safe.Low) | (set.High & ~safe.High)) == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool[] FindBroken(TextTrie whole, ByteDfa free, int deepest)
    {
        var isBroken = new bool[whole.Bytes.Length];
        var states = new int[deepest + 1];
        var tables = new int[deepest + 1][];
        states[0] = free.Start;
        tables[0] = free.Table(free.Start)!;
        for (int node = 1; node < isBroken.Length; node++)
        {
            int depth = whole.Depths[node];
            states[depth] = tables[depth - 1][whole.Bytes[node]];
            tables[depth] = states[depth] == states[depth - 1] ? tables[depth - 1] : free.Table(states[depth])!;
            isBroken[node] = states[depth] == ByteDfa.Dead;
        }
        return isBroken;
    }
}
