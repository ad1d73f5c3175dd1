using System.Diagnostics;
using Cluster.Grains.Tests.Membership;
using Cluster.Serving;

namespace Cluster.Chaos;

/// <summary>One fault: what, to whom, from when to when.</summary>
public sealed record FaultRecord(string Kind, string Silo, long From, long To);

/// <summary>Does harm, and undoes it, one fault at a time.</summary>
public sealed class Faults(IReadOnlyList<SiloProcess> silos, PostgresServer database, IReplicaDirectory directory)
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(90);
    private int _turn;

    public async Task<IReadOnlyList<FaultRecord>> DoAsync(string kind, CancellationToken until)
    {
        var silo = silos[_turn++ % silos.Count];
        long from = Stopwatch.GetTimestamp();
        var done = new List<FaultRecord>();
        switch (kind)
        {
            case "kill": // Death without a word.
                silo.Kill();
                await silo.ExitAsync(Recovery);
                done.Add(Record(kind, silo, from));
                silo.Start();
                break;
            case "term": // An orderly stop.
                silo.Terminate();
                await silo.ExitAsync(Recovery);
                done.Add(Record(kind, silo, from));
                silo.Start();
                break;
            case "stop": // Hangs, then wakes up and believes that nothing happened.
                silo.Stop();
                await Task.Delay(TimeSpan.FromSeconds(8), CancellationToken.None);
                silo.Continue();
                done.Add(Record(kind, silo, from));
                await Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None);
                if (!silo.IsRunning) silo.Start(); // It was declared dead meanwhile and ended itself.
                break;
            case "database":
                await database.StopAsync();
                await Task.Delay(TimeSpan.FromSeconds(4), CancellationToken.None);
                await database.ResumeAsync();
                done.Add(Record(kind, silo, from));
                break;
            case "slow": // The restarted silo loads its model slowly.
                silo.Kill();
                await silo.ExitAsync(Recovery);
                done.Add(Record("kill", silo, from));
                silo.Start("--LoadMs", "10000");
                break;
            case "rolling":
                foreach (var each in silos)
                {
                    long began = Stopwatch.GetTimestamp();
                    each.Terminate();
                    await each.ExitAsync(Recovery);
                    done.Add(Record("term", each, began));
                    each.Start();
                    await RecoverAsync(until);
                }
                break;
            default:
                throw new ArgumentException($"Unknown fault '{kind}'.");
        }
        await RecoverAsync(until);
        return done;
    }

    /// <summary>Until every silo runs a ready replica again.</summary>
    public async Task RecoverAsync(CancellationToken until)
    {
        await Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None); // The loss itself must have been noticed.
        for (long began = Stopwatch.GetTimestamp(); ; await Task.Delay(50, CancellationToken.None))
        {
            foreach (var dead in silos.Where(silo => !silo.IsRunning)) dead.Start();
            if (directory.All.Count(replica => replica.Snapshot.Health == ReplicaHealth.Ready) >= silos.Count) return;
            if (Stopwatch.GetElapsedTime(began) > Recovery || until.IsCancellationRequested)
            {
                Console.WriteLine("not recovered: " + string.Join(", ", directory.All.Select(replica => $"{replica.Id} {replica.Snapshot.Silo} {replica.Snapshot.Health}")));
                return;
            }
        }
    }

    private static FaultRecord Record(string kind, SiloProcess silo, long from) => new(kind, silo.Name, from, Stopwatch.GetTimestamp());
}
