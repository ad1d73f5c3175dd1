using Cluster.Onnx.Folders;
using Cluster.Onnx.Memory;
using Microsoft.ML.OnnxRuntime;

namespace Cluster.Onnx.Sessions;

/// <summary>One run of a graph that appends to its cache, for a fixed number of rows; bound again when a shape changes.</summary>
internal sealed class AppendedBinding(LoadedGraph graph, GrownCache cache, StepBuffers buffers, int rows) : IDisposable
{
    private readonly OrtIoBinding _binding = graph.Session.CreateIoBinding();
    private readonly OrtValue _withPast = OrtValue.CreateTensorValueFromMemory(new[] { true }, [1]);
    private readonly OrtValue _first = OrtValue.CreateTensorValueFromMemory(new[] { false }, [1]);
    private int _tokens = -1;
    private int _width = -1;

    /// <param name="tokens">Tokens per row.</param>
    /// <param name="width">Positions of the padded past.</param>
    public OrtIoBinding Shape(int tokens, int width)
    {
        if (tokens == _tokens && width == _width)
        {
            return _binding;
        }

        var layout = graph.Layout;
        _binding.BindInput(layout.TokensName, buffers.TokensView(rows, tokens));
        _binding.BindInput(layout.MaskName, buffers.MaskView(rows, width + tokens));
        _binding.BindOutput(layout.LogitsName, buffers.LogitsView(rows, graph.LastTokenOnly ? 1 : tokens));
        if (layout.PositionsName is { } positionsName)
        {
            _binding.BindInput(positionsName, buffers.PositionsView(rows, tokens));
        }

        if (layout.BranchName is { } branchName)
        {
            _binding.BindInput(branchName, width > 0 ? _withPast : _first);
        }

        for (var layer = 0; layer < layout.Layers; layer++)
        {
            BindCache(2 * layer, layout.Caches[layer].PastKey, layout.Caches[layer].PresentKey, tokens, width);
            BindCache((2 * layer) + 1, layout.Caches[layer].PastValue, layout.Caches[layer].PresentValue, tokens, width);
        }

        (_tokens, _width) = (tokens, width);
        return _binding;
    }

    public void Dispose()
    {
        _binding.Dispose();
        _withPast.Dispose();
        _first.Dispose();
    }

    private void BindCache(int buffer, string past, string present, int tokens, int width)
    {
        using var before = cache.PastView(buffer, rows, width);
        using var after = cache.PresentView(buffer, rows, width + tokens);
        _binding.BindInput(past, before);
        _binding.BindOutput(present, after);
    }
}
