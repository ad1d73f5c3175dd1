using Cluster.Onnx.Folders;
using Cluster.Onnx.Memory;
using Microsoft.ML.OnnxRuntime;

namespace Cluster.Onnx.Sessions;

/// <summary>
/// One run over adjacent slots, bound once: keys and values are bound to the pool as past and as present, so no step copies them. Only
/// the small
/// inputs are bound again, when their shapes change.
/// </summary>
internal sealed class RowsBinding : IDisposable
{
    private readonly DecoderLayout _layout;
    private readonly StepBuffers _buffers;
    private readonly OrtIoBinding _binding;
    private readonly int _rows;
    private int _tokens;
    private int _total;

    public RowsBinding(InferenceSession session, DecoderLayout layout, SlotPool pool, StepBuffers buffers, int firstSlot, int rows)
    {
        (_layout, _buffers, _rows) = (layout, buffers, rows);
        _binding = session.CreateIoBinding();
        for (var layer = 0; layer < layout.Layers; layer++)
        {
            var names = layout.Caches[layer];
            using var keys = pool.View(2 * layer, firstSlot, rows);
            using var values = pool.View((2 * layer) + 1, firstSlot, rows);
            _binding.BindInput(names.PastKey, keys);
            _binding.BindOutput(names.PresentKey, keys);
            _binding.BindInput(names.PastValue, values);
            _binding.BindOutput(names.PresentValue, values);
        }
    }

    /// <param name="tokens">Tokens per row.</param>
    /// <param name="total">Columns of the mask.</param>
    /// <param name="logitsTokens">Tokens per row that the graph gives logits for.</param>
    public OrtIoBinding Shape(int tokens, int total, int logitsTokens)
    {
        if (tokens != _tokens)
        {
            _binding.BindInput(_layout.TokensName, _buffers.TokensView(_rows, tokens));
            _binding.BindOutput(_layout.LogitsName, _buffers.LogitsView(_rows, logitsTokens));
            if (_layout.PositionsName is { } name)
            {
                _binding.BindInput(name, _buffers.PositionsView(_rows, tokens));
            }
        }

        if (total != _total)
        {
            _binding.BindInput(_layout.MaskName, _buffers.MaskView(_rows, total));
        }

        (_tokens, _total) = (tokens, total);
        return _binding;
    }

    public void Dispose() => _binding.Dispose();
}
