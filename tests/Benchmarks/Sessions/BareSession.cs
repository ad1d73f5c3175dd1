using Cluster.Onnx.Folders;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Cluster.Benchmarks.Sessions;

/// <summary>
/// The least that a decode step can cost: one session, everything bound once, the same inputs run again and again. What a model or an
/// engine
/// takes beyond this is its own.
/// </summary>
internal sealed class BareSession : IDisposable
{
    /// <summary>Masks are as wide as the next multiple of it.</summary>
    private const int MaskStep = 256;

    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _run = new();
    private readonly List<OrtValue> _values = [];
    private readonly OrtValue _mask;
    private readonly int _rows, _tokens;

    /// <param name="length">Positions before this run's tokens.</param>
    /// <param name="capacity">Positions of the key-value buffer.</param>
    public BareSession(InferenceSession session, DecoderLayout layout, int vocabularySize, int rows, int tokens, int length, int capacity)
    {
        _session = session;
        _binding = session.CreateIoBinding();
        (_rows, _tokens) = (rows, tokens);
        Bind(layout.TokensName, Filled([rows, tokens], 5));
        _mask = Filled([rows, Math.Min(capacity, (length + tokens + MaskStep - 1) / MaskStep * MaskStep)], 0);
        Bind(layout.MaskName, _mask);
        SetLength(length);
        foreach (var names in layout.Caches)
        {
            BindCache(names.PastKey, names.PresentKey);
            BindCache(names.PastValue, names.PresentValue);
        }

        bool lastOnly = session.OutputMetadata[layout.LogitsName].Dimensions[1] == 1;
        var logits = Allocated(layout.LogitsType, [rows, lastOnly ? 1 : tokens, vocabularySize]);
        _binding.BindOutput(layout.LogitsName, logits);

        void BindCache(string past, string present)
        {
            var cache = Allocated(layout.CacheType, [rows, layout.KeyValueHeads, capacity, layout.HeadSize]);
            cache.GetTensorMutableRawData().Clear();
            Bind(past, cache);
            _binding.BindOutput(present, cache);
        }
    }

    /// <summary>Another number of positions before this run's tokens, within the mask's width.</summary>
    public void SetLength(int length)
    {
        Span<long> mask = _mask.GetTensorMutableDataAsSpan<long>();
        int width = mask.Length / _rows;
        mask.Clear();
        for (int row = 0; row < _rows; row++) mask.Slice(row * width, length + _tokens).Fill(1);
    }

    public void Run() => _session.RunWithBinding(_run, _binding);

    public void Dispose()
    {
        _binding.Dispose();
        _run.Dispose();
        _values.ForEach(value => value.Dispose());
    }

    private void Bind(string name, OrtValue value) => _binding.BindInput(name, value);

    private OrtValue Filled(long[] shape, long value)
    {
        var tensor = Allocated(TensorElementType.Int64, shape);
        tensor.GetTensorMutableDataAsSpan<long>().Fill(value);
        return tensor;
    }

    private OrtValue Allocated(TensorElementType type, long[] shape)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape);
        _values.Add(value);
        return value;
    }
}
