using System.Buffers;

namespace Cluster.Tokenization.HuggingFace.Models;

/// <summary>Merges a word's symbols in place, lowest rank first, leftmost among equals.</summary>
internal static class BytePairMerger
{
    /// <summary>Words of more symbols than this take the heap.</summary>
    public const int ShortMax = 48;

    /// <returns>How many symbols are left, at the beginning of <paramref name="symbols"/>.</returns>
    public static int Merge(Span<int> symbols, MergeTable merges) =>
        symbols.Length <= ShortMax ? MergeShort(symbols, merges) : MergeLong(symbols, merges);

    private static int MergeShort(Span<int> symbols, MergeTable merges)
    {
        int count = symbols.Length;
        Span<int> ranks = stackalloc int[ShortMax];
        Span<int> results = stackalloc int[ShortMax];
        for (int i = 0; i + 1 < count; i++) ranks[i] = merges.RankOf(symbols[i], symbols[i + 1], out results[i]);
        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i < count - 1; i++)
            {
                if (ranks[i] < ranks[best]) best = i;
            }
            if (ranks[best] == MergeTable.NoRank) break;
            symbols[best] = results[best];
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            if (best + 2 < count)
            {
                ranks[(best + 2)..count].CopyTo(ranks[(best + 1)..]);
                results[(best + 2)..count].CopyTo(results[(best + 1)..]);
            }
            count--;
            if (best + 1 < count) ranks[best] = merges.RankOf(symbols[best], symbols[best + 1], out results[best]);
            if (best > 0) ranks[best - 1] = merges.RankOf(symbols[best - 1], symbols[best], out results[best - 1]);
        }
        return count;
    }

    /// <summary>Symbols as a linked list, pairs in a heap keyed by (rank, place); a stale entry is known by its changed rank.</summary>
    private static int MergeLong(Span<int> symbols, MergeTable merges)
    {
        int count = symbols.Length;
        int[] links = ArrayPool<int>.Shared.Rent(count * 4);
        Span<int> next = links.AsSpan(0, count), previous = links.AsSpan(count, count), ranks = links.AsSpan(2 * count, count), results = links.AsSpan(3 * count, count);
        var heap = new PriorityQueue<int, long>(count);
        for (int i = 0; i < count; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1 < count ? i + 1 : -1;
        }
        for (int i = 0; i < count; i++) Queue(i, symbols, next, ranks, results, merges, heap);
        while (heap.TryDequeue(out int at, out long key))
        {
            if (ranks[at] != (int)(key >> 32)) continue;
            int eaten = next[at];
            symbols[at] = results[at];
            next[at] = next[eaten];
            ranks[eaten] = -1;
            if (next[at] >= 0) previous[next[at]] = at;
            Queue(at, symbols, next, ranks, results, merges, heap);
            if (previous[at] >= 0) Queue(previous[at], symbols, next, ranks, results, merges, heap);
        }
        int left = 0;
        for (int i = 0; i >= 0; i = next[i]) symbols[left++] = symbols[i];
        ArrayPool<int>.Shared.Return(links);
        return left;
    }

    private static void Queue(int at, Span<int> symbols, Span<int> next, Span<int> ranks, Span<int> results, MergeTable merges, PriorityQueue<int, long> heap)
    {
        ranks[at] = next[at] < 0 ? MergeTable.NoRank : merges.RankOf(symbols[at], symbols[next[at]], out results[at]);
        if (ranks[at] != MergeTable.NoRank) heap.Enqueue(at, ((long)ranks[at] << 32) | (uint)at);
    }
}
