using Cluster.Decoding.Models;

namespace Cluster.Decoding.Steps;

/// <summary>
/// Writes a plan into the model's batch, within the step's token budget: decode rows by slot, then the chunk.
/// </summary>
/// <remarks>
/// Where decode rows must be adjacent, a sequence in the middle of the range that takes the chunk also takes a decode row: its first
/// pending token goes there and the rest into the chunk, since leaving it out would tear the range and a parked row would write into its
/// slot. At either end of the range it is simply left out.
/// </remarks>
internal sealed class BatchBuilder(ModelInfo model, EngineOptions options)
{
    private readonly PlannedRow?[] _bySlot = new PlannedRow?[model.Slots];
    private readonly int[] _drafts = new int[Math.Max(options.DraftTokensMax, 1)];

    public static ModelBatch NewBatch(ModelInfo model, EngineOptions options)
        => new(2 * model.Slots, options.StepTokensMax + (2 * model.Slots) + options.DraftTokensMax + 1);

    public void Build(StepPlan plan, ModelBatch batch)
    {
        batch.Clear();
        Array.Clear(_bySlot);
        PlannedRow? chunk = null;
        for (int i = 0; i < plan.Count; i++)
        {
            PlannedRow row = plan[i];
            if (row.Sequence == plan.ChunkOwner) chunk = row;
            if (row.Sequence.Phase == SequencePhase.Decoding) _bySlot[row.Sequence.Slot] = row;
        }
        int drafted = chunk is null ? Draft(plan, ref chunk) : 0;
        if (chunk?.Sequence.Phase == SequencePhase.Decoding && CanLeaveRange(chunk.Sequence.Slot)) _bySlot[chunk.Sequence.Slot] = null;
        foreach (PlannedRow? row in _bySlot) if (row is not null) AddDecode(batch, row);
        if (chunk is not null) AddChunk(batch, chunk, drafted);
    }

    private void AddDecode(ModelBatch batch, PlannedRow row)
    {
        Sequence sequence = row.Sequence;
        row.IsSampled = sequence.Pending == 1;
        row.TokensFed = 1;
        row.DecodeRow = batch.AddDecode(
            sequence.Slot, sequence.Processed, sequence.Tokens[sequence.Processed], row.IsSampled ? LogitsWanted.Last : LogitsWanted.None);
    }

    private void AddChunk(ModelBatch batch, PlannedRow row, int drafted)
    {
        Sequence sequence = row.Sequence;
        int room = Math.Clamp(options.StepTokensMax - batch.DecodeCount, 1, model.Capabilities.ChunkTokensMax);
        int start = sequence.Processed + row.TokensFed;
        ReadOnlySpan<int> pending = sequence.Tokens[start..];
        int taken = Math.Min(pending.Length, room);
        row.TokensFed += taken;
        row.IsSampled = taken == pending.Length;
        if (drafted == 0)
        {
            row.ChunkRow = batch.AddChunk(sequence.Slot, start, pending[..taken], row.IsSampled ? LogitsWanted.Last : LogitsWanted.None);
            return;
        }
        row.DraftsFed = drafted;
        row.ChunkRow = batch.AddDrafted(sequence.Slot, start, pending[..taken], _drafts.AsSpan(0, drafted));
    }

    /// <summary>Guesses for the only running sequence, where the graph can check them in one pass.</summary>
    private int Draft(StepPlan plan, ref PlannedRow? chunk)
    {
        if (options.DraftTokensMax == 0 || plan.Count != 1 || !model.Capabilities.LogitsAtEveryToken) return 0;
        Sequence sequence = plan[0].Sequence;
        if (sequence.Pending != 1 || !PromptLookup.Suits(sequence)) return 0;
        int most = Math.Min(Math.Min(options.DraftTokensMax, sequence.TokensLeft - 1), model.Capabilities.ChunkTokensMax - 1);
        int drafted = PromptLookup.Draft(sequence, _drafts.AsSpan(0, Math.Max(most, 0)));
        if (drafted > 0) chunk = plan[0];
        return drafted;
    }

    private bool CanLeaveRange(int slot)
    {
        if (model.Capabilities.MixedBatches) return true;
        bool isFirst = slot == 0 || _bySlot[slot - 1] is null;
        bool isLast = slot == _bySlot.Length - 1 || _bySlot[slot + 1] is null;
        return isFirst || isLast;
    }
}
