using System.Diagnostics;
using Cluster.Grains.Tests.Membership;
using Cluster.Serving;

namespace Cluster.Chaos;

/// <summary>One fault: what, to whom, from when to when.</summary>
public sealed record FaultRecord(string Kind, string Silo, long From, long To);

/// <summary>Does harm, and undoes it, one fault at a time.</summary>
/// <param name="restartDelay">Between the death of a silo and its next start, as whoever looks after processes takes it.</param>
/// <param name="network">Null where silos cannot be cut off.</param>
public sealed class Faults(
    IReadOnlyList<SiloProcess> silos, PostgresServer database, IReplicaDirectory directory, TimeSpan restartDelay, PrivateNetwork? network)
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(90);
    private int _turn;

    /// <summary>Silos that ended although nobody harmed them.</summary>
    public int Evictions { get; private set; }

    public async Task<IReadOnlyList<FaultRecord>> DoAsync(string kind, CancellationToken until)
    {
        var silo = silos[_turn++ % silos.Count];
        HashSet<string> before = Lives();
        long from = Stopwatch.GetTimestamp();
        var done = new List<FaultRecord>();
        switch (kind)
        {
            case "kill": // Death without a word.
                silo.Kill();
                await silo.ExitAsync(Recovery);
                done.Add(Record(kind, silo, from));
                await RestartAsync(silo);
                await NewLifeAsync(before);
                break;
            case "term": // An orderly stop.
                silo.Terminate();
                await silo.ExitAsync(Recovery);
                done.Add(Record(kind, silo, from));
                await RestartAsync(silo);
                await NewLifeAsync(before);
                break;
            case "stop": // Hangs, then wakes up and believes that nothing happened.
                silo.Stop();
                await Task.Delay(TimeSpan.FromSeconds(8), CancellationToken.None);
                silo.Continue();
                done.Add(Record(kind, silo, from));
                await Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None); // It was declared dead meanwhile and ends itself.
                break;
            case "cut": // Nobody hears of it and it hears of nobody, both ways; then the network is whole again.
                if (network is null) return done;
                int number = 1 + silos.ToList().IndexOf(silo);
                network.Cut(number);
                await Task.Delay(TimeSpan.FromSeconds(8), CancellationToken.None);
                network.Mend(number);
                done.Add(Record(kind, silo, from));
                await Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None);
                break;
            case "none": // Nothing but load: whoever is declared dead now ends itself, and should not have been.
                for (; Stopwatch.GetElapsedTime(from) < TimeSpan.FromSeconds(10); await Task.Delay(100, CancellationToken.None))
                {
                    foreach (var evicted in silos.Where(each => !each.IsRunning))
                    {
                        Evictions++;
                        evicted.Start();
                    }
                }
                return done;
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
                await RestartAsync(silo, "--LoadMs", "10000");
                await NewLifeAsync(before);
                break;
            case "rolling": // Each silo in turn stops in order and starts again…
            case "upgrade": // …or another version of it does.
                foreach (var each in silos)
                {
                    HashSet<string> lives = Lives();
                    long began = Stopwatch.GetTimestamp();
                    each.Terminate();
                    await each.ExitAsync(Recovery);
                    done.Add(Record(kind == "upgrade" ? kind : "term", each, began));
                    if (kind == "upgrade") each.IsOther = !each.IsOther;
                    await RestartAsync(each);
                    await NewLifeAsync(lives);
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

    private async Task RestartAsync(SiloProcess silo, params string[] more)
    {
        await Task.Delay(restartDelay, CancellationToken.None);
        silo.Start(more);
    }

    /// <summary>Until a replica is ready on a silo that was not there before.</summary>
    private async Task NewLifeAsync(HashSet<string> before)
    {
        for (long began = Stopwatch.GetTimestamp(); Lives().IsSubsetOf(before) && Stopwatch.GetElapsedTime(began) < Recovery;) await Task.Delay(50, CancellationToken.None);
    }

    /// <summary>Names of the silos with a ready replica; a silo that starts again has a new one.</summary>
    private HashSet<string> Lives() => [.. directory.All.Where(replica => replica.Snapshot.Health == ReplicaHealth.Ready).Select(replica => replica.Snapshot.Silo)];

    private static FaultRecord Record(string kind, SiloProcess silo, long from) => new(kind, silo.Name, from, Stopwatch.GetTimestamp());
}
