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
internal sealed class BatchBuilder(ModelInfo model, EngineOptions options, Drafter drafter)
{
    private readonly PlannedRow?[] _bySlot = new PlannedRow?[model.Slots];

    public static ModelBatch NewBatch(ModelInfo model, EngineOptions options)
        => new(2 * model.Slots, options.StepTokensMax + (2 * model.Slots) + Math.Max(options.DraftTokensMax, options.PredictedTokensMax) + 1);

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
        chunk = Draft(plan) ?? chunk;
        if (chunk?.Sequence.Phase == SequencePhase.Decoding && CanLeaveRange(chunk.Sequence.Slot)) _bySlot[chunk.Sequence.Slot] = null;
        foreach (PlannedRow? row in _bySlot) if (row is not null) AddDecode(batch, row);
        if (chunk is not null) AddChunk(batch, chunk);
    }

    private void AddDecode(ModelBatch batch, PlannedRow row)
    {
        Sequence sequence = row.Sequence;
        row.IsSampled = sequence.Pending == 1;
        row.TokensFed = 1;
        row.DecodeRow = batch.AddDecode(
            sequence.Slot, sequence.Processed, sequence.Tokens[sequence.Processed], row.IsSampled ? LogitsWanted.Last : LogitsWanted.None);
    }

    private void AddChunk(ModelBatch batch, PlannedRow row)
    {
        Sequence sequence = row.Sequence;
        int room = Room(batch.DecodeCount);
        int start = sequence.Processed + row.TokensFed;
        ReadOnlySpan<int> pending = sequence.Tokens[start..];
        int taken = Math.Min(pending.Length, room);
        row.TokensFed += taken;
        row.IsSampled = taken == pending.Length;
        row.ChunkRow = row.Drafts.Count > 0
            ? batch.AddDrafted(sequence.Slot, start, pending[..taken], row.Drafts)
            : batch.AddChunk(sequence.Slot, start, pending[..taken], row.IsSampled ? LogitsWanted.Last : LogitsWanted.None);
    }

    /// <summary>Most tokens of a chunk beside so many decode rows.</summary>
    private int Room(int decodeRows) => Math.Clamp(options.StepTokensMax - decodeRows, 1, model.Capabilities.ChunkTokensMax);

    /// <summary>Guesses for the only running sequence, behind whatever it has pending, where the graph can check them in one pass.</summary>
    /// <returns>Its row; null where nothing is guessed.</returns>
    private PlannedRow? Draft(StepPlan plan)
    {
        if (plan.Count != 1 || !model.Capabilities.LogitsAtEveryToken) return null;
        Sequence sequence = plan[0].Sequence;
        int most = sequence.Journal.Prediction.IsDefaultOrEmpty ? options.DraftTokensMax : Math.Max(options.DraftTokensMax, options.PredictedTokensMax);
        if (most == 0) return null;
        if (sequence.Phase != SequencePhase.Decoding || sequence.Pending > Room(0) || !Drafter.Suits(sequence)) return null;
        (plan[0].Drafts, plan[0].PredictedDrafts) = drafter.Draft(sequence, Math.Min(most, Math.Min(sequence.TokensLeft - 1, model.Capabilities.ChunkTokensMax - sequence.Pending)));
        return plan[0].Drafts.Count > 0 ? plan[0] : null;
    }

    private bool CanLeaveRange(int slot)
    {
        if (model.Capabilities.MixedBatches) return true;
        bool isFirst = slot == 0 || _bySlot[slot - 1] is null;
        bool isLast = slot == _bySlot.Length - 1 || _bySlot[slot + 1] is null;
        return isFirst || isLast;
    }
}
