using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Cluster.Onnx.Memory;

/// <summary>Memory of one CUDA device, from the session's own allocator. Addresses are the device's: nothing here reads through
/// them.</summary>
internal sealed class CudaMemory : DeviceMemory
{
    private readonly List<OrtValue> _blocks = [];
    private readonly OrtAllocator _allocator;

    public CudaMemory(InferenceSession session, int ordinal)
    {
        Info = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.DeviceAllocator, ordinal, OrtMemType.Default);
        _allocator = new OrtAllocator(session, Info);
    }

    public override OrtMemoryInfo Info { get; }

    public override nint Allocate(long bytes)
    {
        if (bytes > int.MaxValue)
        {
            throw new ModelLoadException(ModelLoadFailure.TooLarge,
                $"one layer's keys of all slots take {bytes} bytes, a device buffer holds {int.MaxValue}; "
                + "lower the slots or the context length");
        }

        var block = OrtValue.CreateAllocatedTensorValue(_allocator, TensorElementType.UInt8, [bytes]);
        _blocks.Add(block);
        Clear(block, bytes);
        return Address(block);
    }

    public override void Copy(nint source, nint target, long bytes)
    {
        using var from = OrtValue.CreateTensorValueWithData(Info, TensorElementType.UInt8, [bytes], source, bytes);
        using var to = OrtValue.CreateTensorValueWithData(Info, TensorElementType.UInt8, [bytes], target, bytes);
        OrtEnv.Instance().CopyTensors([from], [to], null);
    }

    public override void Dispose()
    {
        _blocks.ForEach(block => block.Dispose());
        _blocks.Clear();
        _allocator.Dispose();
        Info.Dispose();
    }

    private static unsafe nint Address(OrtValue block) =>
        (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(block.GetTensorMutableRawData()));

    private static void Clear(OrtValue block, long bytes)
    {
        using var zeros = OrtValue.CreateTensorValueFromMemory(new byte[bytes], [bytes]);
        OrtEnv.Instance().CopyTensors([zeros], [block], null);
    }
}
