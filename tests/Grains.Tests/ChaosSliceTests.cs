using System.Diagnostics;
using System.Text.Json;
using Cluster.Grains.Tests.Membership;

namespace Cluster.Grains.Tests;

/// <summary>A short slice of <c>make chaos</c>: real processes, real PostgreSQL, real kills; a model without weights, so that it runs anywhere.</summary>
public sealed class ChaosSliceTests
{
    [Fact]
    public async Task Chaos_KillTermAndStop_LoseNoStream()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        string? program = Find("tests/Chaos/bin/Release/net10.0/Cluster.Chaos.dll");
        Assert.SkipWhen(program is null, "tests/Chaos is not built");
        var start = new ProcessStartInfo("dotnet", [program!]) { RedirectStandardOutput = true };
        foreach (string setting in new[] { "MODEL=fake", "MINUTES=0.2", "REST=0.5", "WARMUP=3", "STREAMS=24", "TOKENS=150", "FAULTS=kill,term,stop" })
            start.Environment[$"CHAOS_{setting.Split('=')[0]}"] = setting.Split('=')[1];
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, output);
        using JsonDocument report = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        int Number(string name) => report.RootElement.GetProperty(name).GetInt32();
        Assert.True(Number("kills") >= 1 && Number("continued") >= 1, output);
        Assert.True(Number("complete") == Number("streams"), output);
        Assert.True(Number("equal") == Number("continued"), output);
        Assert.All(["duplicated", "missing", "invalid", "double_owners"], name => Assert.Equal(0, Number(name)));
    }

    private static string? Find(string file)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, file))) return Path.Combine(at.FullName, file);
        }
        return null;
    }
}
