using Cluster.Decoding.Models;
using Cluster.Onnx.Folders;
using Cluster.Onnx.Memory;
using Cluster.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace Cluster.Onnx;

/// <summary>
/// A GroupQueryAttention graph over a pool of slots. A step is one run over the decode rows, which lie in adjacent slots, then one run
/// per chunk.
/// </summary>
/// <remarks>
/// The mask's width is rounded up, so that shapes change every <see cref="TotalStep"/> positions and not every step; the kernel reads each
/// row's own length from the mask's sum. Rejected: decode rows and chunks in one padded run, which the CPU kernel refuses.
/// </remarks>
internal sealed class SharedCacheModel : IModel
{
    private const int TotalStep = 256;
    private const int BindingsMax = 128;

    private readonly LoadedGraph _graph;
    private readonly DecoderLayout _layout;
    private readonly HostMemory _host = new();
    private readonly SlotPool _pool;
    private readonly StepBuffers _decodeBuffers;
    private readonly StepBuffers _chunkBuffers;
    private readonly Dictionary<(int FirstSlot, int Rows), RowsBinding> _decodeBindings = [];
    private readonly RowsBinding?[] _chunkBindings;
    private int _decodeCount;

    public SharedCacheModel(LoadedGraph graph, ModelInfo info, DeviceMemory memory)
    {
        (_graph, _layout, Info) = (graph, graph.Layout, info);
        Memory = memory;
        _pool = new SlotPool(memory, _layout, info.Slots, info.ContextLength);
        var chunkMax = Math.Min(info.Capabilities.ChunkTokensMax, info.ContextLength);
        var chunkLogits = graph.LastTokenOnly ? 1 : chunkMax;
        var decodeMask = (long)info.Slots * info.ContextLength;
        _decodeBuffers = new StepBuffers(_host, _layout, info.VocabularySize, info.Slots, decodeMask, info.Slots);
        _chunkBuffers = new StepBuffers(_host, _layout, info.VocabularySize, chunkMax, info.ContextLength, chunkLogits);
        _chunkBindings = new RowsBinding?[info.Slots];
    }

    public ModelInfo Info { get; }

    /// <summary>For benchmarks, which run it bare.</summary>
    internal InferenceSession Session => _graph.Session;

    private DeviceMemory Memory { get; }

    public void Execute(ModelBatch batch)
    {
        _decodeCount = batch.DecodeCount;
        if (_decodeCount > 0)
        {
            Decode(batch);
        }

        foreach (ref readonly var row in batch.Chunks)
        {
            Chunk(batch, row);
        }
    }

    public ReadOnlySpan<float> Logits(int row, int token) =>
        row < _decodeCount ? _decodeBuffers.Logits(row) : _chunkBuffers.Logits(_graph.LastTokenOnly ? 0 : token);

    public void CopySlot(int source, int target, int tokens) => _pool.Copy(source, target, tokens);

    public void Interrupt() => _graph.Interrupt();

    public void Dispose()
    {
        foreach (var binding in _decodeBindings.Values)
        {
            binding.Dispose();
        }

        foreach (var binding in _chunkBindings)
        {
            binding?.Dispose();
        }

        _decodeBuffers.Dispose();
        _chunkBuffers.Dispose();
        _graph.Dispose();
        Memory.Dispose();
        _host.Dispose();
        FreedMemory.Return();
    }

    private void Decode(ModelBatch batch)
    {
        var rows = batch.Decode;
        var longest = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i].Slot != rows[0].Slot + i || rows[i].TokensCount != 1)
            {
                throw new ModelException("decode rows must lie in adjacent ascending slots, one token each");
            }

            longest = Math.Max(longest, rows[i].Past + 1);
        }

        var total = Total(longest);
        for (var i = 0; i < rows.Length; i++)
        {
            _decodeBuffers.WriteRow(i, rows[i], batch.TokensOf(rows[i]), total, hole: 0);
        }

        _graph.Run(DecodeBinding(rows[0].Slot, rows.Length).Shape(1, total, 1));
        for (var i = 0; i < rows.Length; i++)
        {
            _decodeBuffers.Widen(i);
        }
    }

    private void Chunk(ModelBatch batch, in BatchRow row)
    {
        var total = Total(row.Past + row.TokensCount);
        _chunkBuffers.WriteRow(0, row, batch.TokensOf(row), total, hole: 0);
        var binding = _chunkBindings[row.Slot] ??= new RowsBinding(_graph.Session, _layout, _pool, _chunkBuffers, row.Slot, 1);
        _graph.Run(binding.Shape(row.TokensCount, total, _graph.LastTokenOnly ? 1 : row.TokensCount));
        var first = _graph.LastTokenOnly || row.Logits == LogitsWanted.All ? 0 : row.TokensCount - 1;
        var end = _graph.LastTokenOnly ? 1 : row.TokensCount;
        for (var i = first; i < end && row.Logits != LogitsWanted.None; i++)
        {
            _chunkBuffers.Widen(i);
        }
    }

    private int Total(int longest) => longest > Info.ContextLength
        ? throw new ModelException($"a row of {longest} positions does not fit a slot of {Info.ContextLength}")
        : Math.Min(Info.ContextLength, (longest + TotalStep - 1) / TotalStep * TotalStep);

    private RowsBinding DecodeBinding(int firstSlot, int rows)
    {
        if (!_decodeBindings.TryGetValue((firstSlot, rows), out var binding))
        {
            if (_decodeBindings.Count == BindingsMax)
            {
                foreach (var old in _decodeBindings.Values)
                {
                    old.Dispose();
                }

                _decodeBindings.Clear();
            }

            binding = new RowsBinding(_graph.Session, _layout, _pool, _decodeBuffers, firstSlot, rows);
            _decodeBindings.Add((firstSlot, rows), binding);
        }

        return binding;
    }
}
