using Cluster.Serving.Fleet;
using Cluster.Testing;
using Cluster.Tokenization.Templates;

namespace Cluster.Serving.Tests.Fleet;

public sealed class EdgeModelsTests
{
    private static readonly FleetOptions Options = new() { QuietMs = 1_000 };
    private static readonly FakeTokenizer Tokenizer = new();

    private static ServedModel Model(string id, string fingerprint) => new()
    {
        Id = id, Tokenizer = Tokenizer, ContextLength = 64, Fingerprint = fingerprint, Template = new ChatTemplate("", new Dictionary<string, string>(), TimeProvider.System),
    };

    [Fact]
    public void Needed_AReplacedVersion_UntilItsLastRequestHasEndedAndItIsQuiet()
    {
        var time = new ManualTime();
        var use = new ModelUse();
        var catalogue = new ModelCatalogue([Model("m", "old")]);
        var edge = new EdgeModels(catalogue, use, Options, time);
        Assert.Equal(["old"], edge.NeededOf("m"));

        ModelUse.Request request = use.Begin("m", "old");
        catalogue.Replace([Model("m", "new")]);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["new", "old"], edge.NeededOf("m").Order());
        request.Dispose();
        time.Advance(TimeSpan.FromMilliseconds(1_000)); // At the bound still,
        Assert.Equal(["new", "old"], edge.NeededOf("m").Order());
        time.Advance(TimeSpan.FromMilliseconds(1)); // past it no longer.
        Assert.Equal(["new"], edge.NeededOf("m"));
    }

    [Fact]
    public void Models_ARemovedOne_StaysWhileItHasRequests()
    {
        var time = new ManualTime();
        var use = new ModelUse();
        var catalogue = new ModelCatalogue([Model("a", "same"), Model("b", "same")]);
        var edge = new EdgeModels(catalogue, use, Options, time);
        Assert.Equal(["a", "b"], edge.Models.Order());

        ModelUse.Request request = use.Begin("b", "same");
        using ModelUse.Request other = use.Begin("a", "same"); // Two names of the same weights: each has its own requests.
        catalogue.Replace([Model("a", "same")]);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["a", "b"], edge.Models.Order());
        request.Dispose();
        time.Advance(TimeSpan.FromMilliseconds(1_001));
        Assert.Equal(["a"], edge.Models);
        Assert.Empty(edge.NeededOf("b"));
    }

    [Fact]
    public async Task RollingCatalogue_ANewVersion_IsInForceWhenItIsReady_OrTheOldOneIsNot()
    {
        var directory = new RoutedReplicaDirectory(ScriptedWire.None);
        var catalogue = new ModelCatalogue([Model("m", "old"), Model("gone", "1")]);
        await using var rolling = new RollingCatalogue(catalogue, directory, TimeProvider.System);
        directory.Apply(Table(1, ("m/0", "old", ReplicaHealth.Ready)));

        // What is new comes and what is gone goes at once; the version waits.
        await rolling.ReplaceAsync([Model("m", "new"), Model("added", "2")]);
        Assert.Equal(["old", "2"], catalogue.Models.Select(model => model.Fingerprint));
        directory.Apply(Table(2, ("m/0", "old", ReplicaHealth.Ready), ("m/1", "new", ReplicaHealth.Loading)));
        Assert.False(rolling.Swapping.IsCompleted);
        directory.Apply(Table(3, ("m/0", "old", ReplicaHealth.Ready), ("m/1", "new", ReplicaHealth.Ready)));
        await rolling.Swapping.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(["new", "2"], catalogue.Models.Select(model => model.Fingerprint));

        // A later change takes the place of one that waits; without a ready replica of the old version nothing is waited for.
        await rolling.ReplaceAsync([Model("m", "never")]);
        Task superseded = rolling.Swapping;
        await rolling.ReplaceAsync([Model("m", "third")]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => superseded);
        Assert.Equal(["new"], catalogue.Models.Select(model => model.Fingerprint));
        directory.Apply(Table(4, ("m/1", "new", ReplicaHealth.Draining)));
        await rolling.Swapping.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(["third"], catalogue.Models.Select(model => model.Fingerprint));
    }

    [Fact]
    public void Directory_AForgottenModel_IsNotThereAndItsStreamsAreNotBroken()
    {
        var directory = new RoutedReplicaDirectory(ScriptedWire.None);
        directory.Apply(Table(1, ("m/0", "old", ReplicaHealth.Ready)));
        RoutedReplica replica = Assert.Single(directory.Replicas);
        directory.Forget("m");
        Assert.Empty(directory.All);
        Assert.Empty(directory.Tables);
        Assert.Equal(ReplicaHealth.Ready, replica.Snapshot.Health);
    }

    private static RoutingTable Table(long version, params (string Id, string Fingerprint, ReplicaHealth Health)[] replicas)
        => new("m", 1, version, [.. replicas.Select(one => new ReplicaSnapshot { Id = one.Id, ModelId = "m", Silo = "s", Fingerprint = one.Fingerprint, Health = one.Health })]);
}
