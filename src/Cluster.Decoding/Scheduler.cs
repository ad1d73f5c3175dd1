using System.Runtime.InteropServices;
using Cluster.Decoding.Models;
using Cluster.Decoding.Slots;
using Cluster.Decoding.Steps;

namespace Cluster.Decoding;

/// <summary>
/// Decides who runs. One idea: every running sequence has tokens that the model has not seen, and each step lets it catch up: by one
/// token in the decode run, by many in the step's chunk.
/// <list type="number">
/// <item>Preempt: where the cache cannot hold the next step of all, the youngest go back to the queue and are recomputed later.</item>
/// <item>Admit: first come, first served, while slots and a place to process prompts are free.</item>
/// <item>Chunk: a forced run or a prompt; they take turns where both want it.</item>
/// </list>
/// Why nobody starves: decode rows run in every step; the queue is served in order, and what was preempted returns to its front; the
/// oldest is never preempted; a prompt gets the chunk at least every second step, and at least one token of it.
/// </summary>
internal sealed class Scheduler(ModelInfo model, EngineOptions options, SlotPool pool)
{
    private readonly int _sequencesMax = Admission.SequencesMax(model, options);
    private readonly int _promptsMax = model.Capabilities.MixedBatches ? Math.Max(model.Capabilities.ChunkRowsMax, 1) : 1;
    private readonly List<Sequence> _running = [];
    private readonly List<Sequence> _waiting = [];
    private bool _wasForcedChunk;

    /// <summary>Sequences that own a slot, in the order in which they got one.</summary>
    public ReadOnlySpan<Sequence> Running => CollectionsMarshal.AsSpan(_running);

    /// <summary>In the order in which they will be served.</summary>
    public ReadOnlySpan<Sequence> Waiting => CollectionsMarshal.AsSpan(_waiting);

    public long WaitingTokens { get; private set; }

    public long Preemptions { get; private set; }

    public bool HasWork => _running.Count + _waiting.Count > 0;

    public EngineLoad Load => new(_running.Count, _waiting.Count, WaitingTokens);

    public void Enqueue(Sequence sequence)
    {
        _waiting.Add(sequence);
        WaitingTokens += sequence.OutstandingTokens;
    }

    /// <summary>Takes a sequence out, wherever it stands; its slot is free at once.</summary>
    public void Remove(Sequence sequence, bool isValid)
    {
        if (sequence.Phase == SequencePhase.Waiting && _waiting.Remove(sequence)) WaitingTokens -= sequence.OutstandingTokens;
        else _running.Remove(sequence);
        if (sequence.Slot >= 0) pool.Release(sequence, isValid);
        sequence.Phase = SequencePhase.Ended;
    }

    /// <summary>The next sequence that may have a slot now; null if none waits or none fits.</summary>
    public Sequence? TryAdmit()
    {
        if (_waiting.Count == 0 || _running.Count >= _sequencesMax || pool.UsedCount - pool.DecodingCount >= _promptsMax) return null;
        Sequence next = _waiting[0];
        if (_running.Count > 0 && HeldTokens() + next.Count + 1 > model.CacheTokensMax) return null;
        WaitingTokens -= next.OutstandingTokens;
        _waiting.RemoveAt(0);
        _running.Add(next);
        return next;
    }

    /// <summary>Sends the youngest back to the front of the queue while the next step of all would not fit the cache.</summary>
    public void PreemptBeyondCache()
    {
        while (_running.Count > 1 && HeldTokens() + _running.Count > model.CacheTokensMax) Preempt(_running[^1]);
    }

    /// <summary>Takes a running sequence's slot; it will be recomputed from its tokens.</summary>
    public void Preempt(Sequence sequence)
    {
        _running.Remove(sequence);
        pool.Release(sequence, isValid: true);
        sequence.Processed = 0;
        sequence.Phase = SequencePhase.Waiting;
        _waiting.Insert(0, sequence);
        WaitingTokens += sequence.OutstandingTokens;
        Preemptions++;
    }

    /// <summary>Lists every running sequence and says whose turn the chunk is.</summary>
    public void Plan(StepPlan plan)
    {
        Sequence? prompt = null, forced = null;

        // A run of its own costs what the weights cost to read; beside decode rows that read them anyway it must be longer to pay.
        int chunkTokensMin = _running.Count == 1 ? 2 : options.ForcedChunkTokensMin;
        foreach (Sequence sequence in _running)
        {
            plan.Add(sequence);
            if (sequence.Phase == SequencePhase.Prefilling) prompt ??= sequence;
            else if (sequence.Pending >= chunkTokensMin && sequence.Pending > (forced?.Pending ?? 0)) forced = sequence;
        }
        plan.ChunkOwner = prompt is null || (forced is not null && !_wasForcedChunk) ? forced : prompt;
        _wasForcedChunk = plan.ChunkOwner is not null && plan.ChunkOwner == forced;
    }

    private long HeldTokens()
    {
        long held = 0;
        foreach (Sequence sequence in _running) held += sequence.Count;
        return held;
    }
}
