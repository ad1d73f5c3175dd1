using System.Collections.Concurrent;
using System.Diagnostics;

namespace Cluster.Benchmarks.Walk;

/// <summary>A child process under a limit of processor time for each case and a memory limit, whose output arrives line by line.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private const int WallFactor = 20;

    private readonly Process _process;
    private readonly BlockingCollection<string> _lines = [];
    private readonly long _memoryMax;

    public WorkerProcess(IEnumerable<string> arguments, long memoryMax)
    {
        _memoryMax = memoryMax;
        var info = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, UseShellExecute = false };
        // "dotnet Benchmarks.dll" and the built executable both come here.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet") info.ArgumentList.Add(typeof(WorkerProcess).Assembly.Location);
        foreach (string argument in arguments) info.ArgumentList.Add(argument);
        info.Environment["DOTNET_GCHeapHardLimit"] = $"0x{memoryMax:x}";
        _process = Process.Start(info)!;
        _process.OutputDataReceived += (_, received) =>
        {
            if (received.Data is null) _lines.CompleteAdding();
            else _lines.Add(received.Data);
        };
        _process.BeginOutputReadLine();
    }

    /// <summary>The next line; null and a status (timeout or crash) if none comes: then the process is gone.</summary>
    public string? ReadLine(TimeSpan limit, out string status, out string error)
    {
        (status, error) = ("", "");
        var clock = Stopwatch.StartNew();
        var cpu = CpuTime;
        while (true)
        {
            if (_lines.TryTake(out string? line, Poll)) return line;
            if (_lines.IsCompleted)
            {
                _process.WaitForExit();
                (status, error) = ("crash", $"the process ended with code {_process.ExitCode}");
                return null;
            }
            _process.Refresh();
            // A busy machine must not look like a slow schema: the limit counts processor time, and the clock only stops what sleeps.
            bool isInTime = CpuTime - cpu < limit && clock.Elapsed < WallFactor * limit;
            bool isTooLarge = !_process.HasExited && _process.WorkingSet64 > _memoryMax;
            if (!isTooLarge && isInTime) continue;
            _process.Kill();
            (status, error) = isTooLarge ? ("crash", $"more than {_memoryMax >> 20} MB") : ("timeout", $"no answer within {limit.TotalSeconds} s of processor time");
            return null;
        }
    }

    private TimeSpan CpuTime => _process.HasExited ? default : _process.TotalProcessorTime;

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _lines.Dispose();
    }
}
