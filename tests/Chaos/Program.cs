using System.Diagnostics;
using Cluster.Chaos;
using Cluster.Grains.Tests.Membership;
using Cluster.Serving;
using Cluster.Serving.Resuming;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// `silo …` is one silo; anything else is the run: 1. database  2. silos and edge  3. streams  4. faults  5. report.
if (args.FirstOrDefault() == "silo")
{
    using var silo = await ChaosSilo.StartAsync(args[1..]);
    await silo.WaitForShutdownAsync();
    return 0;
}

if (PostgresServer.Missing is { } missing)
{
    Console.WriteLine($"skipped: {missing}");
    return 0;
}
var options = new ChaosOptions();
string folder = Directory.CreateTempSubdirectory("cluster-chaos-").FullName;
string locks = Directory.CreateDirectory(Path.Combine(folder, "devices")).FullName;
Console.WriteLine($"{options.Silos} silos, {options.Streams} streams, {options.Minutes} minutes, faults {string.Join(' ', options.Faults)}; logs in {folder}");

// 1. Database
await using var database = await PostgresServer.StartAsync();

// 2. Silos and edge
string[] Arguments(int number, string role) =>
[
    $"--Membership:Kind=PostgreSql", $"--Membership:ConnectionString={database.ConnectionString}", $"--Membership:Role={role}",
    $"--Membership:SiloName={role}-{number}", $"--Membership:Address=127.0.0.{10 + number}", $"--Membership:SiloPort={21000 + number}",
    $"--Membership:GatewayPort={22000 + number}", $"--Fleet:Replicas={options.Silos}", "--Fleet:ReportMs=200", "--Fleet:ReconcileMs=200",
    $"--Devices:LockFolder={locks}", "--Devices:BeatMs=100", .. DevicesOf(number, role), $"--StepMs={options.StepMs}", "--LoadMs=200",
];
string[] DevicesOf(int number, string role) => role == "edge" ? []
    : options.IsSharing ? [.. Enumerable.Range(0, options.Silos).Select(n => $"--Devices:Devices:{n}=cpu:{n}")] : [$"--Devices:Devices:0=cpu:{number}"];
var silos = Enumerable.Range(1, options.Silos).Select(number => new SiloProcess(
    $"replica-{number}", folder, ["dotnet", typeof(ChaosSilo).Assembly.Location, "silo", .. Arguments(number, "replica")])).ToList();
foreach (var silo in silos) silo.Start();
using var edge = await ChaosSilo.StartAsync([.. Arguments(0, "edge"), "--Logging:LogLevel:Default=Error"]);
var directory = edge.Services.GetRequiredService<IReplicaDirectory>();
var faults = new Faults(silos, database, directory);
await faults.RecoverAsync(CancellationToken.None);
Console.WriteLine($"{directory.All.Count} replicas are ready");

// 3. Streams
var resume = new ResumeOptions { SilenceMin = TimeSpan.FromMilliseconds(600), FirstDeltaSilenceMax = TimeSpan.FromSeconds(2), ReplicaWaitMax = TimeSpan.FromSeconds(30), AttemptsMax = 20, LossesMax = 3 };
var load = new StreamLoad(directory, resume, options);
using var ending = new CancellationTokenSource();
var streaming = load.RunAsync(ending.Token);
await Task.Delay(TimeSpan.FromSeconds(3));

// 4. Faults
var records = new List<FaultRecord>();
long began = Stopwatch.GetTimestamp();
for (int n = 0; Stopwatch.GetElapsedTime(began).TotalMinutes < options.Minutes; n++)
{
    string kind = options.Faults[n % options.Faults.Count];
    records.AddRange(await faults.DoAsync(kind, CancellationToken.None));
    Console.WriteLine($"{Stopwatch.GetElapsedTime(began).TotalSeconds,6:0.0} s  {kind}: {load.HandedOver} hand-overs so far");
    await Task.Delay(TimeSpan.FromSeconds(options.RestSeconds));
}

// 5. Report
await ending.CancelAsync();
await streaming;
foreach (var silo in silos) silo.Dispose();
await edge.StopAsync();
foreach (var failed in load.Records.Where(stream => !stream.IsComplete).Take(5)) Console.WriteLine($"incomplete: {failed.Failure}");
Console.WriteLine(string.Join(", ", load.Reasons.Select(reason => $"{reason.Key}: {reason.Value}")));
Console.WriteLine(ChaosReport.Of(load.Records, records, await ChaosReport.CountEqualAsync(load.Records), locks));
return 0;
