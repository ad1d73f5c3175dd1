using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;
using Cluster.Onnx.Tests.Building;

namespace Cluster.Host.Tests.Models;

/// <summary>
/// "Your first real model, in three commands", as the README has them: a Hugging Face folder is converted, named in models.json and served. The
/// same for a folder of every layout that the README lists.
/// </summary>
public sealed partial class FirstModelTests : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("first-model-").FullName;
    private readonly HostProcess _host = new();
    private bool _isStarted;

    [Theory]
    [InlineData(FolderLayout.GenAi, "genai_config.json")]
    [InlineData(FolderLayout.Optimum, "model.onnx")]
    [InlineData(FolderLayout.OptimumMerged, "decoder_model_merged.onnx")]
    [InlineData(FolderLayout.TransformersJs, "onnx/model_q4.onnx")]
    public async Task ThreeCommands_ServeAModel(FolderLayout layout, string file)
    {
        string[] commands = ReadmeCommands();
        string catalogue = Path.Combine(_root, "cluster-config");
        Directory.CreateDirectory(catalogue);
        WriteHuggingFaceFolder(Path.Combine(_root, "qwen"));

        // 1. Convert
        string convert = commands[0];
        Assert.StartsWith("dotnet run -c Release --project src/tools/Cluster.ModelBuilder -- ", convert, StringComparison.Ordinal);
        await RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "Cluster.ModelBuilder.dll"), .. convert[(convert.IndexOf(" -- ", StringComparison.Ordinal) + 4)..].Split(' '),
            .. layout == FolderLayout.GenAi ? [] : (string[])["--layout", $"{layout}"]]);
        Assert.True(File.Exists(Path.Combine(catalogue, "models", "qwen", file)));

        // 2. Name
        await RunAsync("sh", ["-c", commands[1]]);

        // 3. Serve
        Assert.Equal("make run", commands[2]);
        await StartAsync(catalogue);
        HttpResponseMessage response = await _host.Client.PostAsync(Requests.Chat(Requests.JaneDoe).With("model", "qwen").With("max_tokens", 120).With("seed", 1).WithSchema(Requests.PersonSchema));
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        JsonElement document = JsonElement.Parse((await response.JsonAsync()).Content());
        Assert.Equal(["name", "city", "age"], document.EnumerateObject().Select(property => property.Name));
        HttpResponseMessage free = await _host.Client.PostAsync(Requests.Chat("Hello").With("model", "qwen").With("max_tokens", 5));
        Assert.Equal(HttpStatusCode.OK, free.StatusCode);
    }

    /// <summary>Fields of the catalogue that only a folder with several graphs shows.</summary>
    [Fact]
    public async Task Catalogue_ChoosesTheGraph_ReplacesTheTemplate_AndBoundsTheCache()
    {
        string catalogue = Path.Combine(_root, "cluster-config"), to = Path.Combine(catalogue, "models", "qwen");
        WriteHuggingFaceFolder(Path.Combine(_root, "qwen"));
        foreach (string dtype in (string[])["fp32", "int4"]) ModelFolderBuilder.Convert(Path.Combine(_root, "qwen"), new BuildOptions { Folder = to, Layout = FolderLayout.TransformersJs, Dtype = dtype });
        File.WriteAllText(Path.Combine(catalogue, "short.jinja"), "{{ messages[0].content }}");
        string Model(string id, string more) => $$"""{"id":"{{id}}","path":"models/qwen","slots":2,"contextLength":512,"dtype":"int4",{{more}}}""";
        void Write(params string[] models) => File.WriteAllText(Path.Combine(catalogue, "models.json"), $$"""{"models":[{{string.Join(',', models)}}]}""");

        Write(Model("long", "\"draftTokensMax\":4"), Model("short", "\"chatTemplate\":\"short.jinja\",\"cores\":\"0\""));
        await StartAsync(catalogue);
        JsonElement longer = await (await _host.Client.PostAsync(Requests.Chat("Hi").With("model", "long").With("max_tokens", 3))).JsonAsync();
        JsonElement shorter = await (await _host.Client.PostAsync(Requests.Chat("Hi").With("model", "short").With("max_tokens", 3))).JsonAsync();
        Assert.True(longer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32() > shorter.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());

        foreach (var (more, message) in ((string, string)[])[("\"cacheBytesMax\":1000", "the bound is 1000"), ("\"chatTemplate\":\"none.jinja\"", "none.jinja"), ("\"dtype\":\"fp16\"", "no graph in fp16")])
        {
            Write(Model("a", more));
            await using var refused = new HostProcess();
            var error = await Assert.ThrowsAnyAsync<InvalidOperationException>(async () => await refused.StartAsync(new Dictionary<string, string> { ["CLUSTER_CONFIG"] = catalogue }));
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
            Assert.Contains("cluster: Model 'a'", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error.Message, StringComparison.Ordinal);
        }
    }

    public ValueTask InitializeAsync()
    {
        foreach (string name in (string[])["appsettings.json"])
        {
            Directory.CreateDirectory(Path.Combine(_root, "cluster-config"));
            File.Copy(Path.Combine(Repository, "cluster-config", name), Path.Combine(_root, "cluster-config", name));
        }
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isStarted) await _host.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private static string Repository
    {
        get
        {
            DirectoryInfo at = new(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(at.FullName, "Cluster.sln"))) at = at.Parent!;
            return at.FullName;
        }
    }

    /// <summary>The commands of the section's first code block.</summary>
    private static string[] ReadmeCommands()
    {
        string section = FirstModelSection().Match(File.ReadAllText(Path.Combine(Repository, "README.md"))).Groups[1].Value;
        string[] commands = section.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, commands.Length);
        return commands;
    }

    /// <summary>A Qwen2 model of two small layers, with the embedded model's tokenizer and template.</summary>
    private static void WriteHuggingFaceFolder(string folder)
    {
        string embedded = Path.Combine(Repository, "cluster-config", "models", "cluster-extract-1");
        ModelShape shape = ModelShape.Known["tiny"] with { Family = "qwen2", QkvBias = true, Vocabulary = 3200, ContextLength = 4096, EosTokens = [] };
        HuggingFaceFolder.Write(folder, shape, new RandomWeights(shape, seed: 3));
        foreach (string name in (string[])["tokenizer.json", "tokenizer_config.json"]) File.Copy(Path.Combine(embedded, name), Path.Combine(folder, name), overwrite: true);
    }

    private async Task RunAsync(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = _root, RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(), output = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors + await output);
    }

    private async Task StartAsync(string catalogue)
    {
        _isStarted = true;
        await _host.StartAsync(new Dictionary<string, string> { ["CLUSTER_CONFIG"] = catalogue });
    }

    [GeneratedRegex(@"## Your first real model, in three commands\n.*?```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex FirstModelSection();
}
