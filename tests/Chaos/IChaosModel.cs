using Cluster.Decoding;
using Cluster.Grains.Tests;
using Cluster.Serving.Local;

namespace Cluster.Chaos;

/// <summary>The model that a run is about: its replica silos, its sequences, and what these look like undisturbed.</summary>
public interface IChaosModel
{
    string ModelId { get; }

    /// <summary>Program and first arguments of a replica silo; settings follow.</summary>
    IReadOnlyList<string> Command { get; }

    /// <summary>What stands before the names of the settings.</summary>
    string SettingPrefix { get; }

    /// <summary>A replica in this process, which nothing disturbs.</summary>
    Task<LocalReplica> OpenUndisturbedAsync();
}

/// <summary>A model without weights that takes its time: for faults of the cluster alone, on any machine.</summary>
public sealed class FakeReplicas : IChaosModel
{
    public string ModelId => ChaosSilo.FakeModelId;

    public IReadOnlyList<string> Command => ["dotnet", typeof(ChaosSilo).Assembly.Location, "silo"];

    public string SettingPrefix => "--";

    public SequenceJournal JournalOf(string id, ulong seed, int tokens) => new()
    {
        RequestId = id, PromptTokens = [.. id.Select(c => (int)c)], TokensMax = tokens, Fingerprint = "fake-1",
        Sampling = new SamplingOptions { Seed = seed, Temperature = 1f },
    };

    public Task<LocalReplica> OpenUndisturbedAsync()
        => Task.FromResult(new EngineReplicas(ModelId, TimeSpan.Zero, TimeSpan.Zero, new NoGrammars()).Open("undisturbed", "cpu"));
}
