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

    private string FolderOf(int silo) => Path.Combine(_folder.FullName, $"silo-{silo}");

    public async ValueTask InitializeAsync()
    {
        if (WhyNot is not null) return;
        try
        {
            int[] ports = FreePorts(6);
            await StartAsync(0, ports); // Where the others find the cluster.
            await Task.WhenAll(StartAsync(1, ports), StartAsync(2, ports));
            await Eventually.HoldsAsync(async () => (await Edge.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Contains($"cluster_replicas_ready{{model_name=\"{ModelId}\"}} 2\n", StringComparison.Ordinal),
                withinMs: 120_000, () => string.Join("\n---\n", _silos.Where(silo => silo.IsStarted).Select(silo => silo.Output)));
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
        string model = Path.Combine(ConfigDirectory.Find(), "models", Requests.Model);
        await File.WriteAllTextAsync(Path.Combine(FolderOf(silo), "models.json"), JsonSerializer.Serialize(new { models = new[] { new { id = ModelId, path = model, threads = 1 } } }));
        HostProcess host = _silos[silo];
        await host.StartAsync(new Dictionary<string, string>
        {
            ["CLUSTER_CONFIG"] = FolderOf(silo), ["Cluster__Mode"] = "Orleans", ["Cluster__Fleet__Replicas"] = "2",
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
