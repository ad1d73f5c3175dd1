using Cluster.Decoding;
using Cluster.Serving.Fleet;
using Cluster.Testing;

namespace Cluster.Serving.Tests.Fleet;

public sealed class ReplicaPulseTests
{
    private static readonly FleetOptions Options = new() { PulseMs = 1_000, PulseLostMs = 5_000 };
    private readonly ManualTime _time = new();
    private readonly HashSet<string> _gone = [];

    [Fact]
    public async Task BeatNow_ADoubtedReplicaIsGone_ItIsLostBeforeTheNextPulseAndTheOthersAreNot()
    {
        var directory = Directory("m/0", "m/1");
        var pulse = new ReplicaPulse(directory, PingAsync, Options, _time);
        using var ending = new CancellationTokenSource();
        Task running = pulse.RunAsync(ending.Token);
        _gone.Add("m/0");
        _time.Advance(TimeSpan.FromMilliseconds(1)); // A beat counts only if it is later than the last that was felt.

        pulse.BeatNow(replica => replica.Id == "m/0");

        Assert.Equal(ReplicaHealth.Lost, directory.All.Single(replica => replica.Id == "m/0").Snapshot.Health);
        Assert.Equal(ReplicaHealth.Ready, directory.All.Single(replica => replica.Id == "m/1").Snapshot.Health);
        await ending.CancelAsync();
        await running;
    }

    [Fact]
    public void BeatNow_ADoubtedReplicaAnswers_StaysReady()
    {
        var directory = Directory("m/0");

        new ReplicaPulse(directory, PingAsync, Options, _time).BeatNow(_ => true);

        Assert.Equal(ReplicaHealth.Ready, directory.All.Single().Snapshot.Health);
    }

    private Task<ReplicaSnapshot> PingAsync(string replicaId, CancellationToken cancellationToken)
        => _gone.Contains(replicaId) ? Task.FromException<ReplicaSnapshot>(new InvalidOperationException("refused")) : Task.FromResult(Ready(replicaId));

    private static RoutedReplicaDirectory Directory(params string[] ids)
    {
        var directory = new RoutedReplicaDirectory(ScriptedWire.None);
        directory.Apply(new RoutingTable("m", 1, 1, [.. ids.Select(Ready)]));
        return directory;
    }

    private static ReplicaSnapshot Ready(string id) => new() { Id = id, ModelId = "m", Silo = "a", Health = ReplicaHealth.Ready };
}
