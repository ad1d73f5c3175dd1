using System.Diagnostics;
using Cluster.Decoding.Models;
using Cluster.Decoding.Steps;

namespace Cluster.Decoding.Slots;

/// <summary>
/// Who owns which slot of the model's pool. Decoding sequences lie in slots 0, 1, 2, … without a gap, since a decode run takes adjacent
/// slots and a parked row would write into its slot; a sequence whose prompt is being processed lies in the next one; what finished
/// sequences leave lies where nobody else needs to be, most usefully at the top.
/// <code>
///   | decoding 0 | decoding 1 | decoding 2 | prefilling | free | cached | cached |
/// </code>
/// Ends leave holes; <see cref="Compact"/> fills each with the last of the range, one slot copy a hole. A model that takes mixed batches
/// needs no order, and nothing is ever moved there.
/// </summary>
internal sealed class SlotPool
{
    private readonly IModel _model;
    private readonly bool _isOrdered;
    private readonly Slot[] _slots;
    private readonly PrefixCache _cache;

    public SlotPool(IModel model, EngineOptions options)
    {
        _model = model;
        _isOrdered = !model.Info.Capabilities.MixedBatches;
        _slots = new Slot[model.Info.Slots];
        for (int i = 0; i < _slots.Length; i++) _slots[i] = new Slot();
        _cache = new PrefixCache(_slots, model.Info, options);
    }

    public ReadOnlySpan<Slot> Slots => _slots;

    public long Copies { get; private set; }

    public long CopiedTokens { get; private set; }

    /// <summary>Slots that a running sequence owns.</summary>
    public int UsedCount { get; private set; }

    /// <summary>Decoding sequences, whether compacted or not.</summary>
    public int DecodingCount { get; private set; }

    /// <summary>Gives a sequence the slot behind the decode range, with as much of its prompt in it as any other slot has.</summary>
    public void Acquire(Sequence sequence)
    {
        (int source, int shared) = _cache.FindLongestPrefix(sequence);
        int target = _isOrdered ? DecodingCount : FindRoom(source);
        if (target != source)
        {
            Vacate(target, keep: source);
            Copy(source, target, shared);
        }
        sequence.Processed = shared;
        sequence.CachedPromptTokens = Math.Min(shared, sequence.PromptLength);
        sequence.Slot = target;
        sequence.Phase = SequencePhase.Prefilling;
        _slots[target].Own(SlotUse.Prefilling, sequence);
        UsedCount++;
    }

    /// <summary>Counts a sequence whose prompt is processed to the decode range; <see cref="Compact"/> moves it there where it is not
    /// already.</summary>
    public void Promote(Sequence sequence)
    {
        _slots[sequence.Slot].Own(SlotUse.Decoding, sequence);
        sequence.Phase = SequencePhase.Decoding;
        DecodingCount++;
    }

    /// <summary>Takes the slot back. What it holds stays readable for requests that begin the same, until the slot is needed.</summary>
    /// <param name="isValid">False where the keys and values may be broken.</param>
    public void Release(Sequence sequence, bool isValid)
    {
        Slot slot = _slots[sequence.Slot];
        if (slot.Use == SlotUse.Decoding) DecodingCount--;
        if (isValid) _cache.Keep(slot, sequence);
        else slot.Clear();
        sequence.Slot = -1;
        UsedCount--;
    }

    /// <summary>Closes the holes in the decode range.</summary>
    public void Compact()
    {
        if (!_isOrdered) return;
        int last = _slots.Length - 1;
        for (int hole = 0; hole < DecodingCount; hole++)
        {
            if (_slots[hole].Use == SlotUse.Decoding) continue;
            while (_slots[last].Use != SlotUse.Decoding) last--;
            Vacate(hole, keep: -1);
            Move(_slots[last].Owner!, hole);
        }
    }

    private void Move(Sequence sequence, int target)
    {
        Slot source = _slots[sequence.Slot];
        SlotUse use = source.Use;
        Copy(sequence.Slot, target, sequence.Processed);
        source.Clear();
        _slots[target].Own(use, sequence);
        sequence.Slot = target;
    }

    /// <summary>Makes a slot free. What is cached in it moves to a free slot, or over what was used before it.</summary>
    private void Vacate(int slot, int keep)
    {
        Slot leaving = _slots[slot];
        Debug.Assert(leaving.Owner is null, "only what nobody owns is vacated");
        int room = leaving.Use == SlotUse.Cached ? FindCacheRoom(slot, keep) : -1;
        if (room >= 0)
        {
            Copy(slot, room, leaving.Tokens);
            _slots[room].Cache(leaving.Content, leaving.LastUse);
        }
        leaving.Clear();
    }

    /// <summary>The highest free slot beyond those that come next; else the cached one used before all others; -1 if that is the leaving
    /// one.</summary>
    private int FindCacheRoom(int leaving, int keep)
    {
        int oldest = leaving;
        for (int i = _slots.Length - 1; i >= 0; i--)
        {
            if (i == keep || i == leaving) continue;
            if (_slots[i].Use == SlotUse.Free && i > DecodingCount) return i;
            if (_slots[i].Use == SlotUse.Cached && _slots[i].LastUse < _slots[oldest].LastUse) oldest = i;
        }
        return oldest == leaving ? -1 : oldest;
    }

    /// <summary>Any slot without an owner: a free one, else the cached one used before all others, the one to keep last.</summary>
    private int FindRoom(int keep)
    {
        int best = -1;
        for (int i = 0; i < _slots.Length; i++)
        {
            if (_slots[i].Use == SlotUse.Free) return i;
            if (_slots[i].Use != SlotUse.Cached || (i == keep && best >= 0)) continue;
            if (best < 0 || best == keep || _slots[i].LastUse < _slots[best].LastUse) best = i;
        }
        return best;
    }

    private void Copy(int source, int target, int tokens)
    {
        if (tokens == 0) return;
        _model.CopySlot(source, target, tokens);
        Copies++;
        CopiedTokens += tokens;
    }
}
