using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Cluster.OpenAI.Access;
using Cluster.Testing;

namespace Cluster.Host.Tests.Cluster;

/// <summary>An edge and two replica silos as processes of their own, each with its own configuration folder, as on three machines.</summary>
public sealed class SiloProcesses : IAsyncLifetime
{
    public const string Admin = "sk-cluster-admin", User = "sk-cluster-user", ModelId = "a";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cluster-silos");
    private readonly HostProcess[] _silos = [new(), new(), new()];

    public static string? WhyNot => File.Exists(Path.Combine(AppContext.BaseDirectory, "Orleans.Runtime.dll")) ? null : "this build has no Orleans (set-up did not find its packages)";

    public static bool HasDashboard => File.Exists(Path.Combine(AppContext.BaseDirectory, "Orleans.Dashboard.dll"));

    public HostProcess Edge => _silos[0];

    public IReadOnlyList<HostProcess> Replicas => _silos[1..];

    /// <summary>For what a test needs beside the silos' own folders; goes with the cluster.</summary>
    public DirectoryInfo Folder => _folder;

    public static object Entry(string id, string path) => new { id, path, threads = 1 };

    /// <summary>The catalogue of every silo, one after the other and each at once, as an operator's tools write it.</summary>
    public async Task WriteModelsAsync(params object[] models)
    {
        for (int silo = 0; silo < _silos.Length; silo++) await WriteModelsAsync(silo, models);
    }

    private async Task WriteModelsAsync(int silo, object[] models)
    {
        string file = Path.Combine(FolderOf(silo), "models.json");
        await File.WriteAllTextAsync($"{file}.new", JsonSerializer.Serialize(new { models }));
        File.Move($"{file}.new", file, overwrite: true);
    }

    /// <summary>What one process tells of a series, summed up over its labels; 0 where it does not.</summary>
    /// <param name="series">Its name, or with the beginning of its labels.</param>
    public static async Task<double> MetricAsync(HostProcess silo, string series)
        => (await silo.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n')
            .Where(line => line.StartsWith(series, StringComparison.Ordinal) && line[series.Length] is '{' or ' ' or ',' or '}')
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    public string Outputs => string.Join("\n---\n", _silos.Where(silo => silo.IsStarted).Select(silo => silo.Output));

    private string FolderOf(int silo) => Path.Combine(_folder.FullName, $"silo-{silo}");

    public async ValueTask InitializeAsync()
    {
        if (WhyNot is not null) return;
        try
        {
            int[] ports = FreePorts(6);
            await StartAsync(0, ports); // Where the others find the cluster.
            await Task.WhenAll(StartAsync(1, ports), StartAsync(2, ports));
            await Eventually.HoldsAsync(async () => await MetricAsync(Edge, $"cluster_replicas_ready{{model_name=\"{ModelId}\"") == 2, withinMs: 120_000, () => Outputs);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task StartAsync(int silo, int[] ports)
    {
        Directory.CreateDirectory(FolderOf(silo));
        await WriteModelsAsync(silo, [Entry(ModelId, Path.Combine(ConfigDirectory.Find(), "models", Requests.Model))]);
        HostProcess host = _silos[silo];
        await host.StartAsync(new Dictionary<string, string>
        {
            ["CLUSTER_CONFIG"] = FolderOf(silo), ["Cluster__Mode"] = "Orleans", ["Cluster__Fleet__Replicas"] = "2", ["Cluster__ReloadInterval"] = "00:00:00.5",
            ["Cluster__Fleet__StaleMs"] = "3000", ["Cluster__Resume__ReplicaWaitMax"] = "00:01:00", ["Cluster__Devices__LockFolder"] = Path.Combine(FolderOf(silo), "devices"),
            ["Cluster__Membership__Role"] = silo == 0 ? "edge" : "replica", ["Cluster__Membership__SiloName"] = $"silo-{silo}", ["Cluster__Membership__PrimaryPort"] = $"{ports[0]}",
            ["Cluster__Membership__SiloPort"] = $"{ports[silo]}", ["Cluster__Membership__GatewayPort"] = $"{ports[3 + silo]}",
            ["Access__Keys__0__Id"] = "admin", ["Access__Keys__0__Hash"] = ApiKey.HashOf(Admin), ["Access__Keys__0__IsAdmin"] = "true",
            ["Access__Keys__1__Id"] = "user", ["Access__Keys__1__Hash"] = ApiKey.HashOf(User),
        });
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", Admin);
    }

    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in listeners) listener.Start();
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (TcpListener listener in listeners) listener.Dispose();
        return ports;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (HostProcess silo in Enumerable.Reverse(_silos).Where(silo => silo.IsStarted)) await silo.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
