using System.Diagnostics;
using System.Net;
using Cluster.Grains.Membership;
using Cluster.Grains.Tests.Membership;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cluster.Grains.Tests;

/// <summary>The command-line client as a process, against a silo that listens like any other.</summary>
public sealed class AdminCommandTests : IAsyncLifetime
{
    private readonly string _locks = System.IO.Directory.CreateTempSubdirectory("cluster-devices-").FullName;
    private readonly int _gateway = PostgreSqlClusterTests.FreePort();
    private IHost _silo = null!;

    public async ValueTask InitializeAsync()
    {
        int port = PostgreSqlClusterTests.FreePort();
        var membership = new MembershipOptions { Role = "both", SiloPort = port, PrimaryPort = port, GatewayPort = _gateway };
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(Options.Create(new FleetOptions { Replicas = 1, ReportMs = 50, ReconcileMs = 50, DrainMs = 300 }));
        builder.Services.AddSingleton(Options.Create(new DeviceOptions { Devices = ["d:0", "d:1"], LockFolder = _locks }));
        builder.Services.AddSingleton<IReplicaFactory>(new ScriptedReplicaFactory(TimeSpan.Zero, TimeSpan.Zero, "m"));
        builder.UseOrleans(silo => silo.UseClusterMembership(membership).AddClusterGrains("both", ["m"], _ => new CountingCompiler()));
        _silo = builder.Build();
        await _silo.StartAsync();
        await ReadyAsync(1);
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.StopAsync();
        _silo.Dispose();
        System.IO.Directory.Delete(_locks, recursive: true);
    }

    [Fact]
    public async Task Status_OfALiveCluster_ListsSilosAndReplicas()
    {
        var (exitCode, output) = await AdminAsync("status");

        Assert.True(exitCode == 0, output);
        Assert.Contains("both", output);
        Assert.Matches(@"m/\d+ .* Ready", output);
    }

    [Fact]
    public async Task ScaleDrainResumeUnloadLoad_OfALiveCluster_AreCarriedOut()
    {
        await DoAsync("scale", "m", "2");
        await ReadyAsync(2);

        string silo = Directory.All[0].Snapshot.Silo;
        await DoAsync("drain", silo);
        await ReadyAsync(0);

        await DoAsync("resume", silo);
        await ReadyAsync(2);

        await DoAsync("unload", "m");
        await ReadyAsync(0);

        await DoAsync("load", "m");
        await ReadyAsync(1);

        string replaced = Directory.All[0].Id;
        await DoAsync("replace", replaced);
        await ReadyAsync(1);
    }

    [Theory]
    [InlineData("scale", "m", "-1")]
    [InlineData("scale", "m")]
    [InlineData("nonsense")]
    [InlineData("status", "--gateway", "nowhere")]
    public async Task WrongCommand_SaysWhatIsWrongAndFails(params string[] arguments)
    {
        var (exitCode, output) = await AdminAsync(arguments);

        Assert.NotEqual(0, exitCode);
        Assert.NotEmpty(output);
    }

    [Fact]
    public async Task Status_NobodyListens_FailsWithinItsTime()
    {
        var (exitCode, output) = await AdminAsync("status", "--gateway", $"127.0.0.1:{PostgreSqlClusterTests.FreePort()}", "--timeout", "3");

        Assert.Equal(1, exitCode);
        Assert.Contains("cluster-admin:", output);
    }

    private IReplicaDirectory Directory => _silo.Services.GetRequiredService<IReplicaDirectory>();

    private async Task DoAsync(params string[] arguments)
    {
        var (exitCode, output) = await AdminAsync(arguments);
        Assert.True(exitCode == 0, output);
    }

    private async Task<(int ExitCode, string Output)> AdminAsync(params string[] arguments)
    {
        string[] reach = arguments.Contains("--gateway") ? [] : ["--gateway", new IPEndPoint(IPAddress.Loopback, _gateway).ToString(), "--timeout", "120"];
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "cluster-admin.dll"), .. arguments, .. reach])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await errors);
    }

    private Task ReadyAsync(int count) => PostgreSqlClusterTests.ReadyAsync(Directory, count);
}
