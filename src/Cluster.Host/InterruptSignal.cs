using System.Runtime.InteropServices;

namespace Cluster.Host;

/// <summary>
/// Lets SIGINT stop the server however it was started: shells start the background commands of a script with SIGINT ignored, and .NET
/// keeps what it inherits.
/// </summary>
internal static class InterruptSignal
{
    private const int Number = 2;
    private const nint DefaultHandler = 0;

    /// <summary>Takes back an inherited "ignore"; before anything registers for the signal. Does nothing on Windows.</summary>
    public static void Restore()
    {
        if (!OperatingSystem.IsWindows()) _ = SetHandler(Number, DefaultHandler);
    }

    [DllImport("libc", EntryPoint = "signal")]
    private static extern nint SetHandler(int signal, nint handler);
}
