using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Host.Configuration;
using Cluster.OpenAI;
using Microsoft.Extensions.Configuration;

namespace Cluster.Host.Tests.Configuration;

public class ConfigCommandTests
{
    private static string Repository => new DirectoryInfo(AppContext.BaseDirectory).AncestorWith("Cluster.sln");

    private static async Task<(int Code, string Text)> RunAsync(string[] args, params (string, string)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Cluster.Host.dll"), .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string text = await process.StandardOutput.ReadToEndAsync() + await error;
        await process.WaitForExitAsync();
        return (process.ExitCode, text);
    }

    [Fact]
    public async Task Check_Defaults_HaveNoFault()
    {
        (int code, string text) = await RunAsync(["config", "check"]);
        Assert.Equal(0, code);
        Assert.Contains("no fault", text, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryOptions_ThatNameTheirSection_AreInTheTree()
    {
        string[] known = [.. SettingsTree.Sections.Select(section => section.Path)];
        string[] named = [.. Directory.EnumerateFiles(AppContext.BaseDirectory, "Cluster.*.dll").Select(Path.GetFileNameWithoutExtension).Where(name => !name!.EndsWith("Tests", StringComparison.Ordinal))
            .SelectMany(name => System.Reflection.Assembly.Load(name!).GetTypes()).Select(type => type.GetField("Section")).Where(field => field is { IsLiteral: true })
            .Select(field => (string)field!.GetRawConstantValue()!).Distinct()];
        Assert.True(named.Length > 5);
        Assert.Empty(named.Except(known));
    }

    [Theory]
    [InlineData("config", "check")]
    [InlineData("--urls", "http://127.0.0.1:0")]
    public async Task Faults_OfAllSectionsAndTheCatalogue_AreReportedTogether_EachWithItsCure(string first, string second)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cluster-config");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "models.json"), """{"models":[{"id":"m","path":"m","slots":0,"device":"gpu"},{"id":"m","path":"m"}]}""");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "appsettings.json"), """{"OpenAI":{"SchemaDepthMaxx":9,"ChoicesMax":0},"Engine":{"StepTokensMax":"many"}}""");
        (int code, string text) = await RunAsync([first, second], ("CLUSTER_CONFIG", folder.FullName), ("Door__IdleTimeMax", "00:00:00"), ("Cluster__Mode", "Swarm"));
        Assert.Equal(2, code);
        foreach (string fault in new[]
        {
            "8 faults", "Cluster:Mode is 'Swarm', which is not one of Embedded, Orleans", "OpenAI:SchemaDepthMaxx is not a setting; did you mean OpenAI:SchemaDepthMax?",
            "Engine:StepTokensMax is 'many', which is not a whole number", "Door:IdleTimeMax is 00:00:00; it must be 00:00:01 to 01:00:00 (environment: Door__IdleTimeMax)",
            "model 'm': slots is 0; it must be 1 to 4096", "model 'm': device is 'gpu'; it must match", "two models have the id 'm'",
        }) Assert.Contains(fault, text, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Show_Secrets_AreMasked_AndSourcesNamed()
    {
        (int code, string text) = await RunAsync(["config", "show", "--OpenAI:ChoicesMax", "5"], ("Access__Keys__0__Hash", $"sha256:{new string('a', 64)}"), ("Access__Keys__0__Id", "a"), ("Shutdown__Grace", "00:00:09"));
        Assert.Equal(0, code);
        Assert.Contains("OpenAI:ChoicesMax = 5  (command line)", text, StringComparison.Ordinal);
        Assert.Contains("Shutdown:Grace = 00:00:09  (environment)", text, StringComparison.Ordinal);
        Assert.Contains("Access:Keys = (secret)  (environment)", text, StringComparison.Ordinal);
        Assert.DoesNotContain("aaaa", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "usage:", "--help")]
    [InlineData(2, "'frobnicate' is neither a command nor a setting", "frobnicate")]
    [InlineData(2, "'--url' is not a setting", "--url", "http://127.0.0.1:0")]
    [InlineData(2, "'--Claster:Mode=Orleans' is not a setting", "--Claster:Mode=Orleans")]
    [InlineData(2, "Cluster:Moode is not a setting; did you mean Cluster:Mode?", "--Cluster:Moode", "Orleans")]
    [InlineData(2, "'--urls' has no value", "--urls")]
    [InlineData(2, "'-p' is neither a command nor a setting", "config", "check", "-p", "1")]
    public async Task CommandLine_WhatWouldBeReadAsNothing_IsNamed(int expected, string said, params string[] args)
    {
        (int code, string text) = await RunAsync(args);
        Assert.Equal(expected, code);
        Assert.Contains(said, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fingerprint_IsOfTheWholeWeights()
    {
        string folder = Path.Combine(Repository, "cluster-config", "models", "cluster-extract-1");
        (int code, string text) = await RunAsync(["fingerprint", folder]);
        Assert.Equal(0, code);
        Assert.Matches("^[0-9a-f]{64}\n$", text);
        (code, text) = await RunAsync(["fingerprint", "/nowhere"]);
        Assert.Equal(2, code);
        Assert.StartsWith("cluster: ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("settings", "appsettings.schema.json")]
    [InlineData("models", "models.schema.json")]
    public void Schema_Committed_IsWhatTheOptionsSay(string kind, string file)
    {
        string made = kind == "settings" ? SettingsSchema.OfSettings() : SettingsSchema.OfModels();
        string path = Path.Combine(Repository, "cluster-config", file);
        JsonNode committed = JsonNode.Parse(File.ReadAllText(path))!;
        JsonNode now = JsonNode.Parse(made)!;

        // A build without Orleans does not know its section.
        if (SettingsTree.Sections.All(section => section.Path != "Cluster:Membership")) ((JsonObject?)committed["properties"]!["Cluster"]?["properties"])?.Remove("Membership");
        Assert.True(JsonNode.DeepEquals(committed, now), $"{path} is out of date: dotnet Cluster.Host.dll config schema {kind} > {path}");
    }

    [Fact]
    public void Sections_EverySetting_IsDescribed()
    {
        using JsonDocument schema = JsonDocument.Parse(SettingsSchema.OfSettings());
        var bare = new List<string>();
        Walk(schema.RootElement, "");
        Assert.Empty(bare);

        void Walk(JsonElement node, string path)
        {
            if (!node.TryGetProperty("properties", out JsonElement properties)) return;
            foreach (JsonProperty property in properties.EnumerateObject())
            {
                if (property.Value.TryGetProperty("properties", out _)) Walk(property.Value, $"{path}:{property.Name}");
                else if (!property.Value.TryGetProperty("description", out _)) bare.Add($"{path}:{property.Name}");
            }
        }
    }

    [Fact]
    public void FaultsOf_ABoundAndOnePast_AreTakenAndRefused()
    {
        IReadOnlyList<string> Faults(string value)
            => SettingsTree.FaultsOf(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [$"{OpenAIOptions.Section}:ChoicesMax"] = value }).Build());
        Assert.Empty(Faults("1024"));
        Assert.Contains("ChoicesMax is 1025", Assert.Single(Faults("1025")), StringComparison.Ordinal);
    }
}

file static class Folders
{
    public static string AncestorWith(this DirectoryInfo folder, string file)
    {
        DirectoryInfo? at = folder;
        while (at is not null && !File.Exists(Path.Combine(at.FullName, file))) at = at.Parent;
        return at?.FullName ?? throw new DirectoryNotFoundException(file);
    }
}
