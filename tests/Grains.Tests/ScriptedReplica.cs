using System.Runtime.CompilerServices;
using Cluster.Decoding;
using Cluster.Serving;
using Cluster.Serving.Fleet;

namespace Cluster.Grains.Tests;

/// <summary>A replica whose next token depends on the seed and the position alone, like a real one's on its journal.</summary>
public sealed class ScriptedReplica(string id, string modelId, TimeSpan stepTime) : IReplica
{
    public string Id => id;

    public string ModelId => modelId;

    public ReplicaSnapshot Snapshot => new() { Id = id, ModelId = modelId, Health = ReplicaHealth.Ready, SlotsMax = 64 };

    public static int TokenAt(SequenceJournal journal, int position) => (int)((journal.Sampling.Seed * 31 + (ulong)position * 7 + 5) % 1000);

    public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int position = journal.EmittedTokens.Length; position < journal.TokensMax; position++)
        {
            if (stepTime > TimeSpan.Zero) await Task.Delay(stepTime, cancellationToken);
            else await Task.Yield();
            yield return Delta(journal, position) with { Tokens = [TokenAt(journal, position)] };
        }
        yield return Delta(journal, journal.TokensMax) with { Finish = FinishReason.Length };
    }

    private static SequenceDelta Delta(SequenceJournal journal, int position)
        => new() { RequestId = journal.RequestId, Choice = journal.Choice, Attempt = journal.Attempt, Position = position };
}

public sealed class ScriptedReplicaFactory(TimeSpan stepTime, TimeSpan loadTime, params string[] models) : IReplicaFactory
{
    public IReadOnlyList<string> Models => models;

    public async Task<IReplica> OpenAsync(string replicaId, string modelId, string device, CancellationToken cancellationToken)
    {
        await Task.Delay(loadTime, cancellationToken);
        return new ScriptedReplica(replicaId, modelId, stepTime);
    }
}
