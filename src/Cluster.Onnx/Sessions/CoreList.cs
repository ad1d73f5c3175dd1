using System.Globalization;
using System.Runtime.InteropServices;

namespace Cluster.Onnx.Sessions;

/// <summary>Cores by number, and the threads on them.</summary>
internal static partial class CoreList
{
    /// <param name="text">As <see cref="OnnxModelOptions.Cores"/> has it.</param>
    public static int[] Parse(string text)
    {
        var cores = new List<int>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
            for (var core = ends[0]; core <= ends[^1]; core++)
            {
                cores.Add(core);
            }
        }

        return [.. cores];
    }

    /// <summary>The runtime's own notation for its helper threads, whose cores count from 1. The caller of a run is the first thread and
    /// none of them.</summary>
    public static string OfHelpers(int[] cores) => string.Join(';', cores.Skip(1).Select(core => core + 1));

    /// <summary>Keeps the calling thread to a core. On a system without such a call nothing happens: it is a matter of speed alone.</summary>
    public static void PinThisThread(int core)
    {
        if (OperatingSystem.IsLinux())
        {
            var set = new byte[128 * ((core / 1024) + 1)];
            set[core / 8] = (byte)(1 << (core % 8));
            _ = SetAffinity(0, (nuint)set.Length, set);
        }
        else if (OperatingSystem.IsWindows() && core < 64)
        {
            _ = SetThreadAffinityMask(GetCurrentThread(), (nuint)1 << core);
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint bytes, byte[] set);

    [LibraryImport("kernel32")]
    private static partial nint GetCurrentThread();

    [LibraryImport("kernel32")]
    private static partial nuint SetThreadAffinityMask(nint thread, nuint mask);
}
