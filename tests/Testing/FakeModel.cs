using Cluster.Decoding.Models;

namespace Cluster.Testing;

/// <summary>Logits of the next token after <paramref name="prefix"/>: must be a pure function.</summary>
public delegate void LogitsScript(ReadOnlySpan<int> prefix, Span<float> logits);

/// <summary>
/// A model without weights: its logits are a function of the tokens in the slot, so any mistake about slots, positions or copies changes
/// the output. It also checks every batch against what <see cref="IModel"/> promises, and notes what is wrong in
/// <see cref="Violations"/>.
/// </summary>
public sealed class FakeModel : IModel
{
    private readonly LogitsScript _script;
    private readonly int[][] _slots;
    private readonly int[] _valid;
    private readonly Dictionary<(int Row, int Token), float[]> _logits = [];
    private readonly Stack<float[]> _spare = new();

    public FakeModel(ModelInfo info, LogitsScript script)
    {
        Info = info;
        _script = script;
        _slots = [.. Enumerable.Range(0, info.Slots).Select(_ => new int[info.ContextLength])];
        _valid = new int[info.Slots];
    }

    public ModelInfo Info { get; }

    /// <summary>Called before each run with the number of the run, from 0; may throw or block.</summary>
    public Action<ModelBatch, int>? OnExecute { get; set; }

    /// <summary>Called by <see cref="Interrupt"/>.</summary>
    public Action? OnInterrupt { get; set; }

    /// <summary>Breaches of the contract, in words; empty in a correct engine.</summary>
    public List<string> Violations { get; } = [];

    public int Runs { get; private set; }

    public long TokensRun { get; private set; }

    public int LargestChunk { get; private set; }

    public int LargestDecode { get; private set; }

    public bool IsDisposed { get; private set; }

    public static ModelInfo SmallInfo(int vocabularySize, int slots = 4, int contextLength = 512) => new()
    {
        Id = "fake", VocabularySize = vocabularySize, Slots = slots, ContextLength = contextLength, CacheBytesPerToken = 1,
    };

    public void Execute(ModelBatch batch)
    {
        int run = Runs++;
        OnExecute?.Invoke(batch, run);
        CheckShape(batch);
        foreach (float[] used in _logits.Values) _spare.Push(used);
        _logits.Clear();
        for (int row = 0; row < batch.Rows.Length; row++) RunRow(batch, row);
        LargestDecode = Math.Max(LargestDecode, batch.DecodeCount);
        TokensRun += batch.Tokens.Length;
    }

    public ReadOnlySpan<float> Logits(int row, int token) => _logits[(row, token)];

    public void CopySlot(int source, int target, int tokens)
    {
        if (tokens > _valid[source]) Violations.Add($"copy of {tokens} positions from a slot with {_valid[source]}");
        if (source == target) Violations.Add("copy of a slot onto itself");
        _slots[source].AsSpan(0, tokens).CopyTo(_slots[target]);
        _valid[target] = tokens;
    }

    public void Interrupt() => OnInterrupt?.Invoke();

    public void Dispose() => IsDisposed = true;

    private void RunRow(ModelBatch batch, int index)
    {
        BatchRow row = batch.Rows[index];
        if (row.Past > _valid[row.Slot]) Violations.Add($"row past {row.Past} in a slot with {_valid[row.Slot]}");
        if (row.Past + row.TokensCount > Info.ContextLength)
        {
            Violations.Add("row beyond the context");
            return;
        }
        batch.TokensOf(row).CopyTo(_slots[row.Slot].AsSpan(row.Past));
        _valid[row.Slot] = row.Past + row.TokensCount;
        int first = row.Logits switch { LogitsWanted.All => 0, LogitsWanted.Last => row.TokensCount - 1, _ => row.TokensCount };
        for (int token = first; token < row.TokensCount; token++)
        {
            float[] logits = _spare.Count > 0 ? _spare.Pop() : new float[Info.VocabularySize];
            _script(_slots[row.Slot].AsSpan(0, row.Past + token + 1), logits);
            _logits[(index, token)] = logits;
        }
    }

    private void CheckShape(ModelBatch batch)
    {
        ModelCapabilities can = Info.Capabilities;
        if (batch.Rows.Length == 0) Violations.Add("empty batch");
        if (batch.DecodeCount > can.DecodeRowsMax) Violations.Add("too many decode rows");
        if (batch.Chunks.Length > can.ChunkRowsMax) Violations.Add("too many chunks");
        for (int i = 1; i < batch.DecodeCount && !can.MixedBatches; i++)
        {
            if (batch.Decode[i].Slot != batch.Decode[i - 1].Slot + 1) Violations.Add("decode rows are not adjacent");
        }
        foreach (BatchRow chunk in batch.Chunks)
        {
            LargestChunk = Math.Max(LargestChunk, chunk.TokensCount);
            if (chunk.TokensCount > can.ChunkTokensMax) Violations.Add("chunk too long");
            if (chunk.Logits == LogitsWanted.All && !can.LogitsAtEveryToken) Violations.Add("logits that the graph has not");
        }
    }
}
