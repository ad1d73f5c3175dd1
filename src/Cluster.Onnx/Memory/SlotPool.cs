using Cluster.Onnx.Folders;
using Microsoft.ML.OnnxRuntime;

namespace Cluster.Onnx.Memory;

/// <summary>
/// Keys and values of all slots: per layer one buffer [slot, head, position, head size] for keys and one for values, so that any adjacent
/// slots
/// are a batch by pointer alone.
/// </summary>
internal sealed class SlotPool
{
    private readonly DeviceMemory _memory;
    private readonly DecoderLayout _layout;
    private readonly nint[] _buffers;
    private readonly int _contextLength;
    private readonly long _slotBytes;

    public SlotPool(DeviceMemory memory, DecoderLayout layout, int slots, int contextLength)
    {
        _memory = memory;
        _layout = layout;
        _contextLength = contextLength;
        _slotBytes = (long)layout.KeyValueHeads * contextLength * RowBytes;
        _buffers = new nint[2 * layout.Layers];
        for (var i = 0; i < _buffers.Length; i++)
        {
            _buffers[i] = memory.Allocate(slots * _slotBytes);
        }
    }

    /// <summary>Keys of layer n at 2n, values at 2n + 1.</summary>
    public int BuffersCount => _buffers.Length;

    /// <summary>Bytes of one head at one position.</summary>
    public long RowBytes => (long)_layout.HeadSize * _layout.CacheElementBytes;

    public nint HeadAddress(int buffer, int slot, int head) =>
        _buffers[buffer] + (nint)((slot * _slotBytes) + (head * _contextLength * RowBytes));

    /// <summary>The slots as a tensor over the pool's own memory.</summary>
    public OrtValue View(int buffer, int firstSlot, int slots) => OrtValue.CreateTensorValueWithData(
        _memory.Info,
        _layout.CacheType,
        [slots, _layout.KeyValueHeads, _contextLength, _layout.HeadSize],
        _buffers[buffer] + (nint)(firstSlot * _slotBytes),
        slots * _slotBytes);

    public void Copy(int source, int target, int tokens)
    {
        for (var buffer = 0; buffer < _buffers.Length; buffer++)
        {
            if (_memory is not HostMemory)
            {
                // The heads' rows lie apart: one copy of the whole slot is quicker than one launch per head.
                _memory.Copy(HeadAddress(buffer, source, 0), HeadAddress(buffer, target, 0), _slotBytes);
                continue;
            }

            for (var head = 0; head < _layout.KeyValueHeads; head++)
            {
                _memory.Copy(HeadAddress(buffer, source, head), HeadAddress(buffer, target, head), tokens * RowBytes);
            }
        }
    }
}
