using System.Diagnostics;
using System.Text.RegularExpressions;
using Cluster.Host.Configuration;
using Cluster.OpenAI.Access;
using Microsoft.Extensions.Configuration;

namespace Cluster.Host.Tests;

/// <summary>What the README and the guides tell people to type is typed here; what they name exists.</summary>
public sealed partial class DocumentedCommandsTests
{
    private static readonly string Root = Path.GetDirectoryName(ConfigDirectory.Find().TrimEnd('/'))!;
    private static readonly string[] Documents = ["README.md", "docs/operations.md", "docs/tuning.md"];

    /// <summary>Blocks that begin like this, and the test that runs what they say.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new(StringComparer.Ordinal)
    {
        ["dotnet run -c Release --project src/tools/Cluster.ModelBuilder -- convert"] = "tests/Host.Tests/Models/FirstModelTests.cs",
        ["make image"] = "tests/Chart/tests/render.test.js", // No Docker, no helm: the chart is rendered, checked and its processes are run.
    };

    private static string Read(string document) => File.ReadAllText(Path.Combine(Root, document));

    private static IEnumerable<string> BlocksOf(string document) => ShellBlock().Matches(Read(document)).Select(match => match.Groups[1].Value.Trim());

    [Fact]
    public async Task EveryCommand_OfReadmeAndGuides_Works()
    {
        string key = ApiKey.Create();
        await using var open = new HostProcess();
        await open.InitializeAsync();
        await using var locked = new HostProcess();
        await locked.StartAsync(new Dictionary<string, string>
        {
            ["Access__Keys__0__Id"] = "admin", ["Access__Keys__0__Hash"] = ApiKey.HashOf(key), ["Access__Keys__0__IsAdmin"] = "true",
        });
        int run = 0;
        foreach (string document in Documents)
        {
            foreach (string block in BlocksOf(document))
            {
                if (Elsewhere.FirstOrDefault(pair => block.StartsWith(pair.Key, StringComparison.Ordinal)).Value is { } owner)
                {
                    Assert.True(File.Exists(Path.Combine(Root, owner)), owner);
                    continue;
                }

                // Targets that serve or test for a long time are looked up, not run; everything else is run as it stands.
                string script = MakeLine().Replace(block, "make -n $1 >/dev/null");
                string address = block.Contains("$KEY", StringComparison.Ordinal) ? locked.Address : open.Address;
                (int status, string output) = await RunAsync(script.Replace("http://127.0.0.1:8080", address, StringComparison.Ordinal), key);
                Assert.True(status == 0, $"{document}:\n{block}\nended with {status}: {output}");
                Assert.DoesNotContain("\"error\"", output, StringComparison.Ordinal);
                run++;
            }
        }
        Assert.True(run >= 8, $"{run} blocks");
    }

    [Fact]
    public async Task ACommand_ThatDoesNotWork_IsFound()
    {
        Assert.NotEqual(0, (await RunAsync("make -n no-such-target >/dev/null", "")).Status);
        Assert.NotEqual(0, (await RunAsync("false\ntrue", "")).Status);
    }

    [Fact]
    public void EverySetting_OfTheGuides_Exists_WithTheDefaultThatIsSaid()
    {
        Dictionary<string, string> settings = EffectiveSettings.Of((IConfigurationRoot)new ConfigurationBuilder().Build()).ToDictionary(setting => setting.Path, setting => setting.Value);
        var wrong = new List<string>();
        foreach (string document in Documents)
        {
            wrong.AddRange(SettingName().Matches(Read(document)).Select(match => match.Groups[1].Value)
                .Where(name => !settings.ContainsKey(name) && !settings.Keys.Any(path => path.StartsWith($"{name}:", StringComparison.Ordinal))).Select(name => $"{document}: {name} is no setting"));
            wrong.AddRange(DefaultRow().Matches(Read(document)).Where(match => settings.ContainsKey(match.Groups[1].Value) && settings[match.Groups[1].Value] != match.Groups[2].Value)
                .Select(match => $"{document}: {match.Groups[1].Value} is {settings[match.Groups[1].Value]}, not {match.Groups[2].Value}"));
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task EveryMetric_OfTheGuides_IsMeasured()
    {
        await using var host = new HostProcess();
        await host.InitializeAsync();
        string metrics = await host.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        string[] missing = [.. Documents.SelectMany(document => MetricName().Matches(Read(document)).Select(match => match.Groups[1].Value)).Distinct()
            .Where(name => !metrics.Contains($"# TYPE {name} ", StringComparison.Ordinal))];
        Assert.Empty(missing);

        // And of those that have vLLM's names, none is left out.
        string readme = Read("README.md");
        string[] untold = [.. MetricType().Matches(metrics).Select(match => match.Groups[1].Value).Where(name => name.StartsWith("vllm:", StringComparison.Ordinal) && !readme.Contains($"`{name}`", StringComparison.Ordinal))];
        Assert.Empty(untold);
    }

    [Fact]
    public void EveryVersion_OfTheCompatibilityTable_IsTheOneThatIsPinned()
    {
        string table = Read("README.md").Split("\n## Compatibility\n")[1].Split("\n## ")[0];
        (string Name, string Version)[] said = [.. NameAndVersion().Matches(table).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];
        Assert.True(said.Length >= 7, $"{said.Length} versions");
        string npm = Read("tests/Clients/package.json"), packages = Read("Directory.Packages.props");
        foreach ((string name, string version) in said)
        {
            bool isNpm = npm.Contains($"\"{name}\": \"{version}\"", StringComparison.Ordinal);
            // NuGet's by themselves, or through a property with a default.
            Match pinned = Regex.Match(packages, $"Include=\"{Regex.Escape(name)}\" Version=\"(?:\\$\\((\\w+)\\)|([^\"]+))\"");
            string nuget = pinned.Groups[1].Success ? Regex.Match(packages, $"<{pinned.Groups[1].Value}[^>]*>([^<]+)</").Groups[1].Value : pinned.Groups[2].Value;
            Assert.True(isNpm || nuget == version, $"{name} {version} is not what is pinned ({nuget})");
        }
        Assert.Contains($"kubeVersion: \">={Regex.Match(table, "Kubernetes \\| ([0-9.]+) or later").Groups[1].Value}.0-0\"", Read("helm/cluster/Chart.yaml"), StringComparison.Ordinal);
        Assert.Contains($"tag: {Regex.Match(table, "([0-9]+) in the chart's trial pod").Groups[1].Value}-", Read("helm/cluster/values.yaml"), StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Output)> RunAsync(string script, string key)
    {
        var start = new ProcessStartInfo("sh", ["-euc", script]) { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["KEY"] = key;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(5)).Token);
        return (process.ExitCode, await output + await errors);
    }

    [GeneratedRegex(@"^```sh\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex(@"^make ([a-z-]+).*$", RegexOptions.Multiline)]
    private static partial Regex MakeLine();

    [GeneratedRegex(@"`((?:Cluster|Engine|Grammar|OpenAI|Access|Door|Shutdown|Telemetry|Queue)(?::[A-Z][A-Za-z]+)+)`")]
    private static partial Regex SettingName();

    [GeneratedRegex(@"^\| `([A-Za-z:]+)` \| ([^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex DefaultRow();

    [GeneratedRegex(@"^# TYPE (\S+) ", RegexOptions.Multiline)]
    private static partial Regex MetricType();

    [GeneratedRegex(@"`([@A-Za-z][A-Za-z0-9@/._-]*)` ([0-9]+\.[0-9]+\.[0-9]+)")]
    private static partial Regex NameAndVersion();

    [GeneratedRegex(@"`((?:vllm:|cluster_)[a-z_]+)(?:\{[^`]*\})?`")]
    private static partial Regex MetricName();
}
