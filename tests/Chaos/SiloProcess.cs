using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Cluster.Chaos;

/// <summary>One replica silo as a process that can be killed, stopped and started again under the same name.</summary>
/// <param name="otherCommand">The same silo in another version of the program; null where there is none.</param>
public sealed class SiloProcess(string name, string logFolder, IReadOnlyList<string> command, IReadOnlyList<string>? otherCommand = null) : IDisposable
{
    private const int SigKill = 9, SigTerm = 15, SigCont = 18, SigStop = 19;
    private Process? _process;
    private int _starts;

    public string Name => name;

    public int Pid => _process?.Id ?? 0;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The next start is of the other version.</summary>
    public bool IsOther { get; set; }

    public void Start(params string[] more)
    {
        IReadOnlyList<string> version = IsOther && otherCommand is not null ? otherCommand : command;
        var info = new ProcessStartInfo("/bin/sh", ["-c", $"exec \"$@\" >> \"{logFolder}/{name}-{++_starts}.log\" 2>&1", "sh", .. version, .. more]);
        _process?.Dispose();
        _process = Process.Start(info)!;
    }

    public void Kill() => Signal(SigKill);

    public void Stop() => Signal(SigStop);

    public void Continue() => Signal(SigCont);

    public void Terminate() => Signal(SigTerm);

    public Task ExitAsync(TimeSpan within) => _process!.WaitForExitAsync().WaitAsync(within);

    public void Dispose()
    {
        if (IsRunning)
        {
            Continue();
            Kill();
        }
        _process?.Dispose();
    }

    private void Signal(int signal)
    {
        if (IsRunning) _ = SendSignal(_process!.Id, signal);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
