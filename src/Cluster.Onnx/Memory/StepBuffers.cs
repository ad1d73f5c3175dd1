using Cluster.Decoding.Models;
using Cluster.Onnx.Folders;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Cluster.Onnx.Memory;

/// <summary>
/// The inputs and the logits of one run, in memory of the machine that never moves. Tensors of any shape up to the bound are views of it,
/// made
/// once per shape: their number is bounded by the chunk sizes.
/// </summary>
internal sealed unsafe class StepBuffers : IDisposable
{
    private readonly Dictionary<(nint Address, int Rows, int Columns), OrtValue> _views = [];
    private readonly DecoderLayout _layout;
    private readonly long _tokensMax;
    private readonly long _maskMax;
    private readonly long _logitsRowsMax;
    private readonly nint _tokens;
    private readonly nint _positions;
    private readonly nint _mask;
    private readonly nint _logits;
    private readonly nint _floats;

    public StepBuffers(HostMemory memory, DecoderLayout layout, int vocabularySize, int tokensMax, long maskMax, int logitsRowsMax)
    {
        (_layout, VocabularySize) = (layout, vocabularySize);
        (_tokensMax, _maskMax, _logitsRowsMax) = (tokensMax, maskMax, logitsRowsMax);
        _tokens = memory.Allocate(tokensMax * sizeof(long));
        _positions = memory.Allocate(tokensMax * sizeof(long));
        _mask = memory.Allocate(maskMax * sizeof(long));
        _logits = memory.Allocate((long)logitsRowsMax * vocabularySize * LogitBytes);
        _floats = layout.LogitsType == TensorElementType.Float ? _logits
            : memory.Allocate((long)logitsRowsMax * vocabularySize * sizeof(float));
    }

    public int VocabularySize { get; }

    private int LogitBytes => _layout.LogitsType == TensorElementType.Float ? 4 : 2;

    public OrtValue TokensView(int rows, int tokens) => NumbersView(_tokens, rows, tokens, _tokensMax);

    public OrtValue PositionsView(int rows, int tokens) => NumbersView(_positions, rows, tokens, _tokensMax);

    public OrtValue MaskView(int rows, int total) => NumbersView(_mask, rows, total, _maskMax);

    public OrtValue LogitsView(int rows, int tokens)
    {
        if (!_views.TryGetValue((_logits, rows, tokens), out var view))
        {
            var bytes = _logitsRowsMax * VocabularySize * LogitBytes;
            view = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, _layout.LogitsType, [rows, tokens, VocabularySize], _logits, bytes);
            _views.Add((_logits, rows, tokens), view);
        }

        return view;
    }

    /// <summary>Writes one row of a run: its tokens, their positions, and ones over everything that is valid after it.</summary>
    /// <param name="hole">Columns of the mask between the row's past and its new tokens that hold nothing.</param>
    public void WriteRow(int index, in BatchRow row, ReadOnlySpan<int> tokens, int total, int hole)
    {
        var ids = new Span<long>((long*)_tokens + ((long)index * tokens.Length), tokens.Length);
        var positions = new Span<long>((long*)_positions + ((long)index * tokens.Length), tokens.Length);
        for (var i = 0; i < tokens.Length; i++)
        {
            ids[i] = tokens[i];
            positions[i] = row.Past + i;
        }

        var mask = new Span<long>((long*)_mask + ((long)index * total), total);
        mask.Clear();
        mask[..row.Past].Fill(1);
        mask.Slice(row.Past + hole, tokens.Length).Fill(1);
    }

    public ReadOnlySpan<float> Logits(int row) => new((float*)_floats + ((long)row * VocabularySize), VocabularySize);

    /// <summary>Widens one row of half-precision logits; nothing to do for float.</summary>
    public void Widen(int row)
    {
        if (_floats != _logits)
        {
            var halves = new ReadOnlySpan<Half>((Half*)_logits + ((long)row * VocabularySize), VocabularySize);
            System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(halves,
                new Span<float>((float*)_floats + ((long)row * VocabularySize), VocabularySize));
        }
    }

    public void Dispose()
    {
        foreach (var view in _views.Values)
        {
            view.Dispose();
        }

        _views.Clear();
    }

    private OrtValue NumbersView(nint address, int rows, int columns, long max)
    {
        if (!_views.TryGetValue((address, rows, columns), out var view))
        {
            view = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, TensorElementType.Int64, [rows, columns], address, max * sizeof(long));
            _views.Add((address, rows, columns), view);
        }

        return view;
    }
}
