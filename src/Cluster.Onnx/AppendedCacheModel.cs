using Cluster.Decoding.Models;
using Cluster.Onnx.Folders;
using Cluster.Onnx.Memory;
using Cluster.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace Cluster.Onnx;

/// <summary>
/// A graph in plain operators, as Optimum and transformers.js export it: it appends to its cache, so each run copies the pasts in and the
/// new
/// positions out. Serves any exported model; a GroupQueryAttention graph of the same model is faster.
/// </summary>
/// <remarks>Widths are rounded up, so that shapes, and with them the bindings, change every <see cref="WidthStep"/> positions and not
/// every step.</remarks>
internal sealed class AppendedCacheModel : IModel
{
    private const int WidthStep = 64;

    private readonly LoadedGraph _graph;
    private readonly HostMemory _host = new();
    private readonly SlotPool _pool;
    private readonly GrownCache _cache;
    private readonly StepBuffers _decodeBuffers;
    private readonly StepBuffers _chunkBuffers;
    private readonly AppendedBinding?[] _decodeBindings;
    private readonly AppendedBinding _chunkBinding;
    private int _decodeCount;

    public AppendedCacheModel(LoadedGraph graph, ModelInfo info)
    {
        (_graph, Info) = (graph, info);
        var layout = graph.Layout;
        var chunkMax = info.Capabilities.ChunkTokensMax;
        var width = info.ContextLength + WidthStep;
        _pool = new SlotPool(_host, layout, info.Slots, info.ContextLength);
        _cache = new GrownCache(_host, layout, _pool, Math.Max((long)info.Slots * (width + 1), width + chunkMax));
        _decodeBuffers = new StepBuffers(_host, layout, info.VocabularySize, info.Slots, (long)info.Slots * (width + 1), info.Slots);
        _chunkBuffers = new StepBuffers(_host, layout, info.VocabularySize, chunkMax, width + chunkMax, graph.LastTokenOnly ? 1 : chunkMax);
        _decodeBindings = new AppendedBinding?[info.Slots + 1];
        _chunkBinding = new AppendedBinding(graph, _cache, _chunkBuffers, rows: 1);
    }

    public ModelInfo Info { get; }

    public void Execute(ModelBatch batch)
    {
        _decodeCount = batch.DecodeCount;
        if (_decodeCount > 0)
        {
            Run(batch, batch.Decode, _decodeBuffers,
                _decodeBindings[_decodeCount] ??= new AppendedBinding(_graph, _cache, _decodeBuffers, _decodeCount), tokens: 1);
        }

        for (var i = 0; i < batch.Chunks.Length; i++)
        {
            Run(batch, batch.Chunks.Slice(i, 1), _chunkBuffers, _chunkBinding, batch.Chunks[i].TokensCount);
        }
    }

    public ReadOnlySpan<float> Logits(int row, int token) =>
        row < _decodeCount ? _decodeBuffers.Logits(row) : _chunkBuffers.Logits(_graph.LastTokenOnly ? 0 : token);

    public void CopySlot(int source, int target, int tokens) => _pool.Copy(source, target, tokens);

    public void Interrupt() => _graph.Interrupt();

    public void Dispose()
    {
        foreach (var binding in _decodeBindings)
        {
            binding?.Dispose();
        }

        _chunkBinding.Dispose();
        _decodeBuffers.Dispose();
        _chunkBuffers.Dispose();
        _graph.Dispose();
        _host.Dispose();
        FreedMemory.Return();
    }

    private void Run(ModelBatch batch, ReadOnlySpan<BatchRow> rows, StepBuffers buffers, AppendedBinding binding, int tokens)
    {
        var longest = 0;
        foreach (ref readonly var row in rows)
        {
            longest = Math.Max(longest, row.Past);
        }

        if (longest + tokens > Info.ContextLength)
        {
            throw new ModelException($"a row of {longest + tokens} positions does not fit a slot of {Info.ContextLength}");
        }

        var width = (longest + WidthStep - 1) / WidthStep * WidthStep;
        _cache.Gather(rows, width);
        for (var i = 0; i < rows.Length; i++)
        {
            buffers.WriteRow(i, rows[i], batch.TokensOf(rows[i]), width + tokens, width - rows[i].Past);
        }

        _graph.Run(binding.Shape(tokens, width));
        _cache.PutBack(rows, width, tokens);
        for (var i = 0; i < rows.Length * (_graph.LastTokenOnly ? 1 : tokens); i++)
        {
            buffers.Widen(i);
        }
    }
}
