using Cluster.Decoding;
using Cluster.Decoding.Models;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Serving.Local;
using Cluster.Testing;
using Cluster.Tokenization;
using Cluster.Tokenization.Templates;

namespace Cluster.Grains.Tests;

/// <summary>Replicas with the real engine and sampler over a model without weights: its logits are a function of all tokens before, so
/// a continuation is right only if its journal is.</summary>
public sealed class EngineReplicas(string modelId, TimeSpan stepTime, TimeSpan loadTime, ISchemaCompiler compiler, int slots = 64) : IReplicaFactory
{
    private const int ContextLength = 2048;
    private static readonly FakeTokenizer Tokenizer = new();

    public IReadOnlyList<string> Models => [modelId];

    /// <summary>What an edge knows of a version of the model.</summary>
    public static ServedModel Served(string modelId, int version) => Served(modelId, FingerprintOf(version));

    /// <summary>What an edge knows of the model.</summary>
    public static ServedModel Served(string modelId, string fingerprint = "fake-1") => new()
    {
        Id = modelId, Tokenizer = Tokenizer, ContextLength = ContextLength, Fingerprint = fingerprint,
        Template = new ChatTemplate(
            "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}", new Dictionary<string, string>(), TimeProvider.System),
    };

    private static string FingerprintOf(int version) => $"fake-{version}";

    public async Task<IReplica> OpenAsync(string replicaId, string modelId, string device, CancellationToken cancellationToken)
    {
        await Task.Delay(loadTime, cancellationToken);
        return Open(replicaId, device);
    }

    /// <summary>Another version says other things.</summary>
    public LocalReplica Open(string replicaId, string device, int version = 1)
    {
        var info = FakeModel.SmallInfo(Tokenizer.Vocabulary.Size, slots, ContextLength);
        var model = new FakeModel(info, Scripts.WithoutEnd(Scripts.Noise(seed: 10 + (ulong)version)));
        if (stepTime > TimeSpan.Zero) model.OnExecute = (_, _) => Thread.Sleep(stepTime);
        var engine = new Engine(model, Tokenizer, new EngineOptions { Fingerprint = FingerprintOf(version), WaitingMax = 4096, StepTokensMax = 512 }, TimeProvider.System);
        return new LocalReplica(replicaId, modelId, device, engine, compiler);
    }
}
