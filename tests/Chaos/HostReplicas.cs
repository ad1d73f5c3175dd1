using System.Text.Json;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Host;
using Cluster.Host.Models;
using Cluster.Serving;
using Cluster.Serving.Generation;
using Cluster.Serving.Local;

namespace Cluster.Chaos;

/// <summary>The embedded model for a run: replicas are processes of the host itself, and this process knows the model as an edge does.</summary>
public sealed class HostReplicas : IChaosModel
{
    /// <summary>Streams that one replica must be able to take when the others are down.</summary>
    private const int Slots = 64;
    private static readonly string[] Subjects = ["a harbour", "two sisters", "an invoice", "the weather", "a train to Oslo", "eleven apples", "a lost key", "a concert"];
    private readonly IReadOnlyList<ModelConfig> _configs;

    /// <param name="folder">Gets a catalogue of its own.</param>
    public HostReplicas(string folder)
    {
        var embedded = ModelCatalogueFile.Read(ConfigDirectory.Find())[0];
        Folder = Directory.CreateDirectory(Path.Combine(folder, "config")).FullName;
        var entry = new { id = embedded.Id, path = embedded.Path, injectSchema = embedded.InjectSchema, slots = Slots, threads = 1 };
        File.WriteAllText(Path.Combine(Folder, "models.json"), JsonSerializer.Serialize(new { models = new[] { entry } }));
        _configs = ModelCatalogueFile.Read(Folder);
        Served = ServedModelLoader.Load(_configs[0], TimeProvider.System);
    }

    /// <summary>The configuration folder of the silos.</summary>
    public string Folder { get; }

    public ServedModel Served { get; }

    public string ModelId => Served.Id;

    public IReadOnlyList<string> Command
        => ["env", $"{ConfigDirectory.Variable}={Folder}", "dotnet", typeof(ConfigDirectory).Assembly.Location, "--urls", "http://127.0.0.1:0", "--Cluster:Mode=Orleans"];

    public string SettingPrefix => "--Cluster:";

    /// <summary>One sequence that never ends by itself before its budget: the longer it runs, the more faults it meets.</summary>
    public SequenceJournal JournalOf(string id, ulong seed, int tokens)
    {
        var request = new GenerationRequest
        {
            RequestId = id, ModelId = Served.Id, Messages = [new ChatMessage("user", $"Tell me about {Subjects[seed % (ulong)Subjects.Length]}, please.")], TokensMax = tokens,
            Sampling = new SamplingOptions { Seed = seed, Temperature = 1f, LogitBias = [.. Served.Tokenizer.Vocabulary.EndIds.Select(end => KeyValuePair.Create(end, -100f))] },
        };
        if (!Serving.Prompting.PromptBuilder.TryBuild(Served, request, out var prompt, out string error)) throw new InvalidOperationException(error);
        return new PreparedGeneration { Request = request, Model = Served, PromptTokens = prompt, TokensMax = tokens }.JournalOf(0);
    }

    public async Task<LocalReplica> OpenUndisturbedAsync()
    {
        var compiler = new LocalSchemaCompiler(new GrammarCache(new GrammarCacheOptions()));
        var factory = new OnnxReplicaFactory(_configs, new ModelCatalogue([Served]), compiler, new ClusterHostOptions(), TimeProvider.System);
        return (LocalReplica)await factory.OpenAsync("undisturbed", Served.Id, "cpu", CancellationToken.None);
    }
}
