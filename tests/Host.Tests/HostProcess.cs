using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Cluster.Host.Tests;

/// <summary>The real server as a process of its own on a free loopback port; killed with the fixture.</summary>
public sealed partial class HostProcess : IAsyncLifetime
{
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>E.g. <c>http://127.0.0.1:40123</c>.</summary>
    public string Address { get; private set; } = "";

    public Process Process { get; private set; } = null!;

    public bool IsStarted => Process is not null;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>Everything the server printed so far.</summary>
    public string Output
    {
        get { lock (_output) return string.Join('\n', _output); }
    }

    public ValueTask InitializeAsync() => StartAsync(new Dictionary<string, string>());

    /// <param name="environment">Settings over the configuration's.</param>
    /// <param name="urls">Where to listen; any free loopback port by default.</param>
    /// <param name="isInBackground">Start it as a script starts a background command: with SIGINT ignored.</param>
    public async ValueTask StartAsync(IReadOnlyDictionary<string, string> environment, string urls = "http://127.0.0.1:0", bool isInBackground = false)
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, "Cluster.Host.dll");
        string[] command = ["dotnet", assembly, "--urls", urls];
        if (isInBackground) command = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", .. command];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        Process = Process.Start(start)!;
        Process.OutputDataReceived += (_, line) => Take(line.Data);
        Process.ErrorDataReceived += (_, line) => Take(line.Data);
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
        Process.EnableRaisingEvents = true;
        Process.Exited += (_, _) =>
        {
            // Its last lines may still be on their way.
            Process.WaitForExit();
            _address.TrySetException(new InvalidOperationException($"The server ended: {Output}"));
        };
        Address = await _address.Task.WaitAsync(TimeSpan.FromSeconds(180));
        Client = new HttpClient { BaseAddress = new Uri(Address), Timeout = TimeSpan.FromSeconds(120) };
    }

    private void Take(string? line)
    {
        if (line is null) return;
        lock (_output) _output.Add(line);
        if (ReadyLine().Match(line) is { Success: true } match) _address.TrySetResult(match.Groups[1].Value);
    }

    /// <summary>Sends a signal by name, e.g. <c>INT</c>.</summary>
    public void Signal(string name) => Process.Start("kill", [$"-{name}", $"{Process.Id}"])!.WaitForExit();

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (!Process.HasExited) Process.Kill(entireProcessTree: true);
        await Process.WaitForExitAsync();
        Process.Dispose();
    }

    [GeneratedRegex(@"^Cluster is ready after .* on (https?://\S+) with")]
    private static partial Regex ReadyLine();
}
