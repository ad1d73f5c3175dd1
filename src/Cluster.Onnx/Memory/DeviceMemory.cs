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
/// <remarks>
/// On Linux it is mapped. Rejected: the C library's zeroed allocation, which takes a block from a heap of freed memory where it has one and writes
/// every page of it. After a model was replaced that was so for some loads and not for others, and took the whole pool each time.
/// </remarks>
internal sealed unsafe partial class HostMemory : DeviceMemory
{
    // PROT_READ | PROT_WRITE; MAP_PRIVATE | MAP_ANONYMOUS of Linux.
    private const int ReadAndWrite = 3, PrivateAndAnonymous = 0x22;

    private readonly List<(nint Start, nuint Bytes)> _blocks = [];

    public override OrtMemoryInfo Info => OrtMemoryInfo.DefaultInstance;

    public override nint Allocate(long bytes)
    {
        // For a start at a whole cache line.
        var size = (nuint)bytes + 64;
        var start = OperatingSystem.IsLinux() ? Map(0, size, ReadAndWrite, PrivateAndAnonymous, -1, 0) : (nint)NativeMemory.AllocZeroed(size);
        if (start == -1)
        {
            throw new OutOfMemoryException($"no memory for {bytes} bytes of keys and values");
        }

        _blocks.Add((start, size));
        return (start + 63) & ~63;
    }

    public override void Copy(nint source, nint target, long bytes) => NativeMemory.Copy((void*)source, (void*)target, (nuint)bytes);

    public override void Dispose()
    {
        foreach (var (start, size) in _blocks)
        {
            if (OperatingSystem.IsLinux())
            {
                _ = Unmap(start, size);
            }
            else
            {
                NativeMemory.Free((void*)start);
            }
        }

        _blocks.Clear();
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint bytes);
}
