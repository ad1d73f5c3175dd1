using Cluster.Decoding.Models;
using Cluster.Onnx.Folders;
using Microsoft.ML.OnnxRuntime;

namespace Cluster.Onnx.Memory;

/// <summary>
/// Past and present of one run of a graph that appends: the rows' pasts are gathered from the pool side by side, padded to one width, and
/// the
/// new positions are put back behind each row's own past.
/// </summary>
internal sealed unsafe class GrownCache
{
    private readonly DecoderLayout _layout;
    private readonly SlotPool _pool;
    private readonly nint[] _pasts;
    private readonly nint[] _presents;
    private readonly long _positionsMax;

    /// <param name="positionsMax">Rows x positions that one run may hold, present included.</param>
    public GrownCache(HostMemory memory, DecoderLayout layout, SlotPool pool, long positionsMax)
    {
        (_layout, _pool, _positionsMax) = (layout, pool, positionsMax);
        _pasts = new nint[pool.BuffersCount];
        _presents = new nint[pool.BuffersCount];
        for (var i = 0; i < _pasts.Length; i++)
        {
            _pasts[i] = memory.Allocate(Bytes);
            _presents[i] = memory.Allocate(Bytes);
        }
    }

    private long Bytes => _positionsMax * _layout.KeyValueHeads * _pool.RowBytes;

    public OrtValue PastView(int buffer, int rows, int width) => View(_pasts[buffer], rows, width);

    public OrtValue PresentView(int buffer, int rows, int width) => View(_presents[buffer], rows, width);

    public void Gather(ReadOnlySpan<BatchRow> rows, int width)
    {
        for (var buffer = 0; buffer < _pasts.Length; buffer++)
        {
            var target = (byte*)_pasts[buffer];
            foreach (ref readonly var row in rows)
            {
                for (var head = 0; head < _layout.KeyValueHeads; head++)
                {
                    var valid = row.Past * _pool.RowBytes;
                    Copy(_pool.HeadAddress(buffer, row.Slot, head), (nint)target, valid);
                    // Zeros, not leftovers: the mask gives the padding no weight, but no weight times NaN is NaN.
                    new Span<byte>(target + valid, checked((int)((width * _pool.RowBytes) - valid))).Clear();
                    target += width * _pool.RowBytes;
                }
            }
        }
    }

    public void PutBack(ReadOnlySpan<BatchRow> rows, int width, int tokens)
    {
        for (var buffer = 0; buffer < _presents.Length; buffer++)
        {
            var source = _presents[buffer] + (nint)(width * _pool.RowBytes);
            foreach (ref readonly var row in rows)
            {
                for (var head = 0; head < _layout.KeyValueHeads; head++)
                {
                    Copy(source, _pool.HeadAddress(buffer, row.Slot, head) + (nint)(row.Past * _pool.RowBytes), tokens * _pool.RowBytes);
                    source += (nint)((width + tokens) * _pool.RowBytes);
                }
            }
        }
    }

    private static void Copy(nint source, nint target, long bytes) => Buffer.MemoryCopy((void*)source, (void*)target, bytes, bytes);

    private OrtValue View(nint address, int rows, int width) =>
        OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, _layout.CacheType,
            [rows, _layout.KeyValueHeads, width, _layout.HeadSize], address, Bytes);
}
