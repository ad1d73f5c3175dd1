using System.Runtime.InteropServices;

namespace Cluster.Onnx.Memory;

/// <summary>Gives the memory of a closed model back to the system.</summary>
/// <remarks>
/// glibc keeps what the runtime frees in the heaps of the threads that allocated it, in pieces. A server whose models are replaced grew by
/// some times the model's size with every ten replacements, though nothing leaked; trimmed after each, it stays as it is.
/// </remarks>
internal static class FreedMemory
{
    public static void Return()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = Trim(0);
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library, which has no such heaps.
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int Trim(nuint pad);
}
