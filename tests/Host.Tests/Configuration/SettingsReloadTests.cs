using System.Net;
using System.Net.Http.Json;

namespace Cluster.Host.Tests.Configuration;

/// <summary>Limits that change while the server runs.</summary>
public class SettingsReloadTests
{
    [Fact]
    public async Task Limits_OfAChangedFile_AreInForce_AndABrokenFileChangesNothing()
    {
        string model = Path.Combine(ConfigDirectory.Find(), "models", Requests.Model);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cluster-config");
        string settings = Path.Combine(folder.FullName, "appsettings.json");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "models.json"), $$"""{"models":[{"id":"{{Requests.Model}}","path":{{System.Text.Json.JsonSerializer.Serialize(model)}}}]}""");
        await File.WriteAllTextAsync(settings, """{"OpenAI":{"ChoicesMax":2},"Cluster":{"ReloadInterval":"00:00:00.2"},"Logging":{"LogLevel":{"Default":"Information"}}}""");
        await using var host = new HostProcess();
        await host.StartAsync(new Dictionary<string, string> { ["CLUSTER_CONFIG"] = folder.FullName });
        Assert.Equal(HttpStatusCode.BadRequest, await AskAsync(choices: 3));

        await File.WriteAllTextAsync(settings, """{"OpenAI":{"ChoicesMax":3},"Cluster":{"ReloadInterval":"00:00:00.2"}}""");
        await SaysAsync("new limits");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(choices: 3));
        Assert.Equal(HttpStatusCode.BadRequest, await AskAsync(choices: 4));

        await File.WriteAllTextAsync(settings, """{"OpenAI":{"ChoicesMax":0}}""");
        await SaysAsync("ChoicesMax is 0; it must be 1 to 1024");
        await File.WriteAllTextAsync(settings, """{"OpenAI":{""");
        await SaysAsync("cannot be used, the old ones stay: Failed to load");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(choices: 3));

        // Not even a folder that is gone ends a server.
        folder.Delete(recursive: true);
        await SaysAsync("Could not find");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(choices: 3));

        async Task<HttpStatusCode> AskAsync(int choices)
            => (await host.Client.PostAsJsonAsync("/v1/chat/completions", Requests.Chat("x").With("n", choices).With("max_tokens", 2))).StatusCode;

        async Task SaysAsync(string text)
        {
            for (int i = 0; i < 200 && !host.Output.Contains(text, StringComparison.Ordinal); i++) await Task.Delay(50);
            Assert.Contains(text, host.Output, StringComparison.Ordinal);
        }
    }
}
