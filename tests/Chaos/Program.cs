using System.Diagnostics;
using Cluster.Chaos;
using Cluster.Chaos.Measures;
using Cluster.Grains.Tests.Membership;
using Cluster.Serving;
using Cluster.Serving.Resuming;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// `silo …` is one silo, `compare N` tries the comparison alone, the names of measures measure; anything else is the run: 1. database  2. silos and edge  3. streams  4. faults  5. report.
if (args.FirstOrDefault() == "silo")
{
    using var silo = await ChaosSilo.StartAsync(ChaosSilo.FakeModelId, args[1..]);
    await silo.WaitForShutdownAsync();
    return 0;
}

switch (args.FirstOrDefault())
{
    case "compare": return await ComparisonCheck.RunAsync(int.Parse(args[1]), new ChaosOptions());
    case "overhead": return await Overhead.RunAsync(streams: args.Length > 1 ? int.Parse(args[1]) : 64);
    case "scale": return await Scaling.RunAsync(args.Length > 1 ? [.. args[1].Split(',').Select(int.Parse)] : [1, 2, 4, 8]);
    case "simulate": return Simulation.Run([1, 2, 4, 8, 16, 64, 250, 1000], deltaUs: args.Length > 1 ? double.Parse(args[1]) : 100, callUs: args.Length > 2 ? double.Parse(args[2]) : 100);
}

if (PostgresServer.Missing is { } missing)
{
    Console.WriteLine($"skipped: {missing}");
    return 0;
}
var options = new ChaosOptions();
if (options.Faults.Contains("cut") && PrivateNetwork.TryEnter(args) is { } exitCode) return exitCode;
string folder = Directory.CreateTempSubdirectory("cluster-chaos-").FullName;
string locks = Directory.CreateDirectory(Path.Combine(folder, "devices")).FullName;
Console.WriteLine($"{options.Silos} silos, {options.Streams} streams, {options.Minutes} minutes, faults {string.Join(' ', options.Faults)}; logs in {folder}");

IChaosModel model = options.Model == "fake" ? new FakeReplicas() : new HostReplicas(folder, options.Host);

int door = options.Silos + 1;
using var network = PrivateNetwork.TryCreate(options.Silos, [0, door]);
if (network is null && options.Faults.Contains("cut")) Console.WriteLine("cut: skipped, no network namespaces can be made here (Linux and root)");
string prefix = network is null ? "127.0.0." : PrivateNetwork.Prefix;

// 1. Database
await using var database = await PostgresServer.StartAsync(network is null ? "127.0.0.1" : $"{prefix}1");

// 2. Silos and edge
IEnumerable<string> Arguments(int number, string role, string settingPrefix) => new[]
{
    "Membership:Kind=PostgreSql", $"Membership:ConnectionString={database.ConnectionString}", $"Membership:Role={role}",
    $"Membership:SiloName={role}-{number}", $"Membership:Address={prefix}{10 + number}", $"Membership:SiloPort={21000 + number}",
    $"Membership:GatewayPort={22000 + number}", $"Fleet:Replicas={options.Silos}", "Fleet:ReportMs=200", "Fleet:ReconcileMs=200",
    $"Devices:LockFolder={locks}", "Devices:BeatMs=100",
}.Concat(DevicesOf(number, role)).Select(setting => settingPrefix + setting);
IEnumerable<string> DevicesOf(int number, string role) => role == "edge" ? []
    : options.IsSharing ? Enumerable.Range(0, options.Silos).Select(n => $"Devices:Devices:{n}=cpu:{n}") : [$"Devices:Devices:0=cpu:{number}"];
IReadOnlyList<string>? otherCommand = options.OtherHost is { } path ? (model as HostReplicas)?.CommandOf(path) : null;
SiloProcess Silo(int number)
{
    IReadOnlyList<string> Whole(IReadOnlyList<string> command)
        => [.. network?.CommandOf(number) ?? [], .. command, .. Arguments(number, "replica", model.SettingPrefix), $"--StepMs={options.StepMs}", "--LoadMs=200"];
    return new SiloProcess($"replica-{number}", folder, Whole(model.Command), otherCommand is null ? null : Whole(otherCommand)) { IsOther = otherCommand is not null };
}
var silos = Enumerable.Range(1, options.Silos).Select(Silo).ToList();
foreach (var silo in silos) silo.Start();
using var edge = await ChaosSilo.StartAsync(model.ModelId, [.. Arguments(0, "edge", "--")]);
var directory = edge.Services.GetRequiredService<IReplicaDirectory>();
var faults = new Faults(silos, database, directory, TimeSpan.FromSeconds(options.RestartSeconds), network);
await faults.RecoverAsync(CancellationToken.None);
Console.WriteLine($"{directory.All.Count} replicas are ready");

// 3. Streams: over HTTP from an edge process of its own, or, without weights, from this process
// The pulse is what finds the dead and the hung; silence alone is left for a hung device.
var resume = new ResumeOptions { SilenceMin = TimeSpan.FromSeconds(10), ReplicaWaitMax = TimeSpan.FromSeconds(60), AttemptsMax = 20 };
SiloProcess? edgeProcess = null;
IStreamLoad load;
if (model is HostReplicas host)
{
    string url = $"http://127.0.0.{10 + door}:{20000 + Environment.ProcessId % 1000}";
    edgeProcess = new SiloProcess("edge", folder, [.. host.CommandAt(url, options.IsEdgeOther ? options.OtherHost : null), .. Arguments(door, "edge", host.SettingPrefix)]);
    edgeProcess.Start();
    await ReadyAsync(new Uri(url));
    load = new HttpLoad(new ChatBodies(host.ModelId, host.Served.Tokenizer.Vocabulary.EndIds, options.Tokens), new Uri(url), new EdgeLog(Path.Combine(folder, "edge-1.log")), options, folder);
}
else load = new StreamLoad((FakeReplicas)model, directory, new ResumePacing(resume, TimeProvider.System), options);
using var ending = new CancellationTokenSource();
var streaming = load.RunAsync(ending.Token);
await Task.Delay(TimeSpan.FromSeconds(options.WarmUpSeconds));

// 4. Faults
var records = new List<FaultRecord>();
long began = Stopwatch.GetTimestamp();
for (int n = 0; Stopwatch.GetElapsedTime(began).TotalMinutes < options.Minutes; n++)
{
    string kind = options.Faults[n % options.Faults.Count];
    records.AddRange(await faults.DoAsync(kind, CancellationToken.None));
    Console.WriteLine($"{Stopwatch.GetElapsedTime(began).TotalSeconds,6:0.0} s  {kind}: {load.Outcomes.Count} streams, {load.Reasons.Values.Sum()} hand-overs so far");
    await Task.Delay(TimeSpan.FromSeconds(options.RestSeconds));
}

// 5. Report
await ending.CancelAsync();
await streaming;
edgeProcess?.Dispose();
await edge.StopAsync(); // While the others live: an orderly leave talks to them.
foreach (var silo in silos) silo.Dispose();
foreach (var failed in load.Outcomes.Where(stream => !stream.IsComplete).Take(5)) Console.WriteLine($"incomplete: {failed.Failure}");
Console.WriteLine(string.Join(", ", load.Reasons.Select(reason => $"{reason.Key}: {reason.Value}")));
Console.WriteLine(new ChaosReport(load.Outcomes, records, faults.Evictions, folder, locks).Of(await load.CompareAsync(model)));
return 0;

static async Task ReadyAsync(Uri url)
{
    using var client = new HttpClient();
    for (int tries = 0; tries < 600; tries++, await Task.Delay(200))
    {
        try
        {
            if ((await client.GetAsync(new Uri(url, "/health/ready"))).IsSuccessStatusCode) return;
        }
        catch (HttpRequestException) { /* Not listening yet. */ }
    }
    throw new TimeoutException("the edge did not become ready");
}
