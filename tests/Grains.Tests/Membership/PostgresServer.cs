using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Cluster.Grains.Tests.Membership;

/// <summary>A PostgreSQL server of its own, in a temporary folder, on a loopback port.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _address;

    private PostgresServer(string folder, string address, int port) => (_folder, _address, Port) = (folder, address, port);

    public int Port { get; }

    public string ConnectionString => $"Host={_address};Port={Port};Username=cluster;Database=postgres;Timeout=5;Command Timeout=10";

    /// <summary>Why no server can be started here; null where one can.</summary>
    public static string? Missing { get; } = Find("initdb") is null || Find("pg_ctl") is null ? "initdb and pg_ctl (PostgreSQL) are not on the PATH" : null;

    /// <param name="address">An address of this machine; its whole network may connect.</param>
    public static async Task<PostgresServer> StartAsync(string address = "127.0.0.1")
    {
        string folder = Directory.CreateTempSubdirectory("cluster-postgres-").FullName;
        if (IsRoot()) await RunAsync("chown", "postgres", folder);
        using var probe = new TcpListener(IPAddress.Parse(address), 0);
        probe.Start();
        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var server = new PostgresServer(folder, address, port);
        await server.ControlAsync("initdb", "-D", $"{folder}/data", "-U", "cluster", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C");
        await File.AppendAllTextAsync($"{folder}/data/pg_hba.conf", "host all all samenet trust\n");
        await server.ResumeAsync();
        return server;
    }

    public Task ResumeAsync() => ControlAsync("pg_ctl", "-s", "-D", $"{_folder}/data", "-w", "-l", $"{_folder}/log", "-o",
        $"-p {Port} -c listen_addresses={_address} -c unix_socket_directories= -c fsync=off -c max_connections=200", "start");

    public Task StopAsync() => ControlAsync("pg_ctl", "-s", "-D", $"{_folder}/data", "-w", "-m", "fast", "stop");

    public async ValueTask DisposeAsync()
    {
        try { await StopAsync(); }
        catch (InvalidOperationException) { /* Stopped by the test already. */ }
        Directory.Delete(_folder, recursive: true);
    }

    // PostgreSQL refuses to run as root.
    private Task ControlAsync(string program, params string[] arguments)
        => IsRoot() ? RunAsync("runuser", ["-u", "postgres", "--", Find(program)!, .. arguments]) : RunAsync(Find(program)!, arguments);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = "/", RedirectStandardOutput = program != "pg_ctl" && !arguments.Contains("start") })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    private static bool IsRoot() => Environment.UserName == "root";

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
