using Cluster.Decoding.Models;
using Cluster.Decoding.Steps;

namespace Cluster.Decoding.Slots;

/// <summary>
/// Finds, for a new prompt, the slot that shares the most of its beginning: running or cached. What finished sequences leave is kept up
/// to a bound in bytes, least recently used out first.
/// </summary>
/// <remarks>
/// Rejected: a table of hashed token blocks. A pool has tens of slots, not millions of blocks, so comparing the tokens themselves is
/// exact, shares to the token instead of to the block, cannot be fooled by a collision, and costs microseconds.
/// </remarks>
internal sealed class PrefixCache(Slot[] slots, ModelInfo model, EngineOptions options)
{
    private readonly long _tokensMax = options.PrefixCacheBytesMax / Math.Max(model.CacheBytesPerToken, 1);
    private long _uses;

    /// <summary>The best slot and how many positions it shares; (-1, 0) where sharing is not worth a copy.</summary>
    public (int Slot, int Tokens) FindLongestPrefix(Sequence sequence)
    {
        if (_tokensMax == 0) return (-1, 0);
        int best = -1, longest = options.PrefixTokensMin - 1;

        // The last token is always processed anew: its logits are what the first choice needs.
        ReadOnlySpan<int> wanted = sequence.Tokens[..^1];
        for (int i = 0; i < slots.Length; i++)
        {
            int shared = slots[i].Content.CommonPrefixLength(wanted);
            if (shared <= longest) continue;
            longest = shared;
            best = i;
        }
        if (best < 0) return (-1, 0);
        slots[best].LastUse = ++_uses;
        return (best, longest);
    }

    /// <summary>Keeps what a sequence leaves in its slot, unless another slot holds the same and more.</summary>
    public void Keep(Slot slot, Sequence sequence)
    {
        ReadOnlySpan<int> content = sequence.Tokens[..sequence.Processed];
        bool isKept = content.Length >= options.PrefixTokensMin && content.Length <= _tokensMax;
        foreach (Slot other in slots)
        {
            if (isKept && other != slot && other.Content.CommonPrefixLength(content) == content.Length) isKept = false;
        }
        if (!isKept)
        {
            slot.Clear();
            return;
        }
        slot.Cache(content, ++_uses);
        EvictBeyondBound();
    }

    private void EvictBeyondBound()
    {
        while (true)
        {
            long held = 0;
            Slot? oldest = null;
            foreach (Slot slot in slots)
            {
                if (slot.Use != SlotUse.Cached) continue;
                held += slot.Tokens;
                if (oldest is null || slot.LastUse < oldest.LastUse) oldest = slot;
            }
            if (held <= _tokensMax) return;
            oldest!.Clear();
        }
    }
}
