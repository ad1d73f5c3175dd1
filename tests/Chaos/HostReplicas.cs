using System.Text.Json;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Host;
using Cluster.Host.Models;
using Cluster.Serving;
using Cluster.Serving.Generation;
using Cluster.Serving.Tools;
using Cluster.Serving.Local;

namespace Cluster.Chaos;

/// <summary>The embedded model for a run: replicas are processes of the host itself, and this process knows the model as an edge does.</summary>
public sealed class HostReplicas : IChaosModel
{
    /// <summary>Streams that one replica must be able to take when the others are down.</summary>
    private const int Slots = 64;
    private const string OrleansSettings = "appsettings.Orleans.json";
    private readonly ModelConfig _config;
    private readonly string _host;

    /// <param name="folder">Gets a catalogue of its own.</param>
    /// <param name="host">Path of the host's program; null for this build's.</param>
    public HostReplicas(string folder, string? host)
    {
        _host = host ?? typeof(ConfigDirectory).Assembly.Location;
        var embedded = ModelCatalogueFile.Read(ConfigDirectory.Find())[0];
        Folder = Directory.CreateDirectory(Path.Combine(folder, "config")).FullName;
        var entry = new { id = embedded.Id, path = embedded.Path, injectSchema = embedded.InjectSchema, slots = Slots, threads = 1 };
        File.Copy(Path.Combine(ConfigDirectory.Find(), OrleansSettings), Path.Combine(Folder, OrleansSettings));
        File.WriteAllText(Path.Combine(Folder, "models.json"), JsonSerializer.Serialize(new { models = new[] { entry } }));
        _config = ModelCatalogueFile.Read(Folder)[0];
        Served = ServedModelLoader.Load(_config, TimeProvider.System);
    }

    /// <summary>The configuration folder of the silos.</summary>
    public string Folder { get; }

    public ServedModel Served { get; }

    public string ModelId => Served.Id;

    // All share this machine's cores; where each has its own, an edge never waits for a replica.
    public IReadOnlyList<string> Command => CommandOf(_host);

    public IReadOnlyList<string> CommandOf(string host) => ["nice", "-n", "5", .. CommandAt("http://127.0.0.1:0", host)];

    public string SettingPrefix => "--Cluster:";

    /// <summary>A silo of the host itself, with its HTTP door.</summary>
    /// <param name="host">Path of its program.</param>
    public IReadOnlyList<string> CommandAt(string url, string? host = null)
        => ["env", $"{ConfigDirectory.Variable}={Folder}", "DOTNET_TieredPGO=0", "dotnet", host ?? _host, "--urls", url, "--Cluster:Mode=Orleans"];

    public async Task<LocalReplica> OpenUndisturbedAsync()
    {
        var compiler = new LocalSchemaCompiler(new GrammarCache(new GrammarCacheOptions()));
        var replicas = new OnnxReplicas(compiler, new EngineOptions { WaitingMax = 1024 }, TimeProvider.System);
        return await Task.Run(() => (LocalReplica)replicas.Open(_config, Served, "undisturbed", "cpu"));
    }
}
