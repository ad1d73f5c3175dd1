using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Cluster.Onnx.Memory;

/// <summary>Where a model's keys and values lie. Memory is handed out zeroed and given back all at once.</summary>
internal abstract class DeviceMemory : IDisposable
{
    public abstract OrtMemoryInfo Info { get; }

    public abstract nint Allocate(long bytes);

    /// <summary>Copies within the device.</summary>
    public abstract void Copy(nint source, nint target, long bytes);

    public abstract void Dispose();
}

/// <summary>Memory of the machine. Pages are only backed once they are written, so a large pool costs what is used of it.</summary>
internal sealed unsafe class HostMemory : DeviceMemory
{
    private readonly List<nint> _blocks = [];

    public override OrtMemoryInfo Info => OrtMemoryInfo.DefaultInstance;

    public override nint Allocate(long bytes)
    {
        var block = (nint)NativeMemory.AllocZeroed((nuint)bytes + 64);
        _blocks.Add(block);
        return (block + 63) & ~63;
    }

    public override void Copy(nint source, nint target, long bytes) => NativeMemory.Copy((void*)source, (void*)target, (nuint)bytes);

    public override void Dispose()
    {
        foreach (var block in _blocks)
        {
            NativeMemory.Free((void*)block);
        }

        _blocks.Clear();
    }
}
