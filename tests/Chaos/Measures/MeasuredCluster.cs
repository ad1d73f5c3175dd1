using System.Diagnostics;
using Cluster.Grains;
using Cluster.Serving;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cluster.Chaos.Measures;

/// <summary>An edge in this process and replica silos, each a process of its own, on loopback; nobody disturbs them.</summary>
public sealed class MeasuredCluster : IAsyncDisposable
{
    private const int FirstPort = 23_000, GatewayOffset = 500;
    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-measures-").FullName;
    private readonly List<SiloProcess> _silos = [];
    private readonly IReadOnlyList<string> _replicaSettings;
    private readonly int _basePort = FirstPort + (Environment.ProcessId % 400);
    private IHost _edge = null!;

    private MeasuredCluster(IReadOnlyList<string> replicaSettings) => _replicaSettings = replicaSettings;

    public IReplicaDirectory Replicas => _edge.Services.GetRequiredService<IReplicaDirectory>();

    /// <param name="replicaSettings">Settings of the replica silos, see <see cref="ChaosSilo"/>.</param>
    public static async Task<MeasuredCluster> StartAsync(params string[] replicaSettings)
    {
        var cluster = new MeasuredCluster(replicaSettings);
        cluster._edge = await ChaosSilo.StartAsync(ChaosSilo.FakeModelId, [.. cluster.Settings(0, "edge")]);
        return cluster;
    }

    /// <summary>Until so many replicas, each on a silo of its own, are ready.</summary>
    public async Task ScaleAsync(int replicas)
    {
        while (_silos.Count < replicas)
        {
            var silo = new SiloProcess($"replica-{_silos.Count + 1}", _folder, ["dotnet", typeof(ChaosSilo).Assembly.Location, "silo", .. Settings(_silos.Count + 1, "replica"), .. _replicaSettings]);
            silo.Start();
            _silos.Add(silo);
        }
        await _edge.Services.GetRequiredService<IGrainFactory>().GetGrain<IModelGrain>(ChaosSilo.FakeModelId).ScaleAsync(replicas);
        for (long began = Stopwatch.GetTimestamp(); Replicas.All.Count(replica => replica.Snapshot.Health == ReplicaHealth.Ready) != replicas; await Task.Delay(50))
        {
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(3)) throw new TimeoutException($"{replicas} replicas are not ready; logs in {_folder}");
        }
    }

    /// <summary>Processor time of this process and all silos so far.</summary>
    public TimeSpan ProcessorTime => _silos.Aggregate(OwnProcessorTime, (sum, silo) => sum + TimeOf(silo.Pid));

    public static TimeSpan OwnProcessorTime => TimeOf(Environment.ProcessId);

    public async ValueTask DisposeAsync()
    {
        await _edge.StopAsync(); // While the others live: an orderly leave talks to them.
        _edge.Dispose();
        foreach (SiloProcess silo in _silos) silo.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static TimeSpan TimeOf(int pid)
    {
        using Process process = Process.GetProcessById(pid); // Throws where a silo has ended: then nothing can be measured.
        return process.TotalProcessorTime;
    }

    private IEnumerable<string> Settings(int number, string role) => new[]
    {
        $"Membership:Role={role}", $"Membership:SiloName={role}-{number}", "Membership:Address=127.0.0.1", $"Membership:ClusterId=measures-{Environment.ProcessId}",
        $"Membership:PrimaryPort={_basePort}", $"Membership:SiloPort={_basePort + number}", $"Membership:GatewayPort={_basePort + GatewayOffset + number}",
        "Fleet:Replicas=1", "Fleet:ReportMs=500", "Fleet:PulseLostMs=60000", "Fleet:PulseLostMaxMs=60000", "Fleet:StaleMs=60000", $"Devices:LockFolder={_folder}",
        role == "edge" ? "LoadMs=0" : $"Devices:Devices:0=cpu:{number}",
    }.Select(setting => $"--{setting}");
}
