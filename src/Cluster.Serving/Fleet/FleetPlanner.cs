using System.Collections.Immutable;

namespace Cluster.Serving.Fleet;

/// <summary>One step towards the wanted number of replicas.</summary>
public abstract record FleetAction(string ReplicaId, string Silo)
{
    /// <summary>Place this replica on this silo.</summary>
    public sealed record Start(string ReplicaId, string Silo) : FleetAction(ReplicaId, Silo);

    /// <summary>Drain this replica and free its device.</summary>
    public sealed record Stop(string ReplicaId, string Silo) : FleetAction(ReplicaId, Silo);

    /// <summary>Let this replica's sequences run to their ends, since no other can continue them, then free its device.</summary>
    public sealed record Retire(string ReplicaId, string Silo) : FleetAction(ReplicaId, Silo);
}

/// <summary>What the planner knows of one silo.</summary>
/// <param name="Report">Its last report.</param>
/// <param name="IsStale">It has been silent for too long: its replicas are lost, their numbers are not used again yet.</param>
/// <param name="IsRefusing">It refused a replica a moment ago.</param>
/// <param name="IsEmptied">An administrator wants no replicas on it.</param>
public sealed record SiloView(SiloReport Report, bool IsStale, bool IsRefusing, bool IsEmptied = false);

/// <summary>
/// Desired against live replicas, as a pure function: the same views give the same actions, and an empty list means nothing to do (or nowhere
/// to do it).
/// </summary>
/// <remarks>
/// A replica is outdated when its silo would load another version now, or none. Outdated ones do not count, so their successors are started beside them; they
/// go as soon as another replica can continue their sequences, or no edge needs their version any more. Only where no device is free one of them at a
/// time makes room first.
/// </remarks>
public static class FleetPlanner
{
    /// <param name="pending">Replicas that were asked for and have not been reported yet, with their silos.</param>
    /// <param name="needed">Fingerprints of the versions that edges have requests for; null while that is not known.</param>
    public static ImmutableArray<FleetAction> Plan(
        string modelId, int desired, IReadOnlyCollection<SiloView> silos, IReadOnlyDictionary<string, string> pending, IReadOnlySet<string>? needed = null)
    {
        var actions = ImmutableArray.CreateBuilder<FleetAction>();
        var able = silos.Where(silo => !silo.IsStale && !silo.Report.Draining && !silo.IsEmptied).ToList();
        var mine = able.SelectMany(silo => silo.Report.Replicas.Where(replica => replica.ModelId == modelId), (silo, replica) => (Replica: replica, IsOutdated: IsOutdated(silo.Report, replica))).ToList();
        var alive = mine.Where(one => !one.IsOutdated).Select(one => one.Replica).Where(replica => replica.Health is ReplicaHealth.Loading or ReplicaHealth.Ready).ToList();

        // 0. What is where nothing should be.
        foreach (var misplaced in silos.Where(silo => silo.IsEmptied && !silo.IsStale).SelectMany(silo => silo.Report.Replicas))
        {
            if (misplaced.ModelId == modelId && misplaced.Health is not ReplicaHealth.Draining) actions.Add(new FleetAction.Stop(misplaced.Id, misplaced.Silo));
        }

        // 1. What failed to load gives its device back.
        foreach (var (failed, _) in mine.Where(one => one.Replica.Health == ReplicaHealth.Failed))
            actions.Add(new FleetAction.Stop(failed.Id, failed.Silo));

        // 2. Too many: the least loaded go first, later numbers before earlier ones.
        foreach (var surplus in alive.OrderBy(r => r.OutstandingTokens).ThenByDescending(r => NumberOf(r.Id)).Take(alive.Count - desired))
            actions.Add(new FleetAction.Stop(surplus.Id, surplus.Silo));

        // 3. Too few: each goes to the silo with a free device that runs the fewest of this model.
        var used = silos.SelectMany(silo => silo.Report.Replicas).Select(replica => replica.Id).Concat(pending.Keys).ToHashSet();
        var load = able.Where(silo => !silo.IsRefusing && silo.Report.Models.Contains(modelId)).ToDictionary(
            silo => silo.Report.Silo,
            silo => (Free: silo.Report.FreeDevices - pending.Values.Count(p => p == silo.Report.Silo),
                     Mine: silo.Report.Replicas.Count(r => r.ModelId == modelId) + pending.Values.Count(p => p == silo.Report.Silo)));
        int unseen = pending.Keys.Count(id => alive.All(replica => replica.Id != id));
        int missing = desired - alive.Count - unseen;
        for (; missing > 0; missing--)
        {
            var best = load.Where(entry => entry.Value.Free > 0).OrderBy(entry => entry.Value.Mine)
                .ThenByDescending(entry => entry.Value.Free).ThenBy(entry => entry.Key, StringComparer.Ordinal).FirstOrDefault();
            if (best.Key is null) break;
            string id = Enumerable.Range(0, int.MaxValue).Select(n => $"{modelId}/{n}").First(candidate => !used.Contains(candidate));
            used.Add(id);
            load[best.Key] = (best.Value.Free - 1, best.Value.Mine + 1);
            actions.Add(new FleetAction.Start(id, best.Key));
        }

        // 4. What is outdated.
        List<ReplicaSnapshot> outdated = [.. mine.Where(one => one.IsOutdated && one.Replica.Health is ReplicaHealth.Loading or ReplicaHealth.Ready).Select(one => one.Replica)];
        bool isMaking = unseen > 0 || actions.Any(action => action is FleetAction.Start) || mine.Any(one => one.Replica.Health is ReplicaHealth.Loading or ReplicaHealth.Draining);
        bool needsRoom = missing > 0 && !isMaking;
        foreach (var old in outdated.OrderBy(replica => replica.OutstandingTokens).ThenBy(replica => replica.Id, StringComparer.Ordinal))
        {
            bool makesRoom = needsRoom && able.Any(silo => silo.Report.Silo == old.Silo && silo.Report.Models.Contains(modelId));
            bool isNeeded = needed is null || (old.Fingerprint.Length == 0 ? needed.Count > 0 : needed.Contains(old.Fingerprint));
            bool hasSuccessor = mine.Any(one => one.Replica.Id != old.Id && (makesRoom || !one.IsOutdated) && one.Replica.Health == ReplicaHealth.Ready && one.Replica.Runs(old.Fingerprint));
            if (desired == 0 || old.Health == ReplicaHealth.Loading || (hasSuccessor && (makesRoom || !isNeeded || alive.Count >= desired))) actions.Add(new FleetAction.Stop(old.Id, old.Silo));
            else if (makesRoom || !isNeeded) actions.Add(new FleetAction.Retire(old.Id, old.Silo));
            else continue;
            if (makesRoom) needsRoom = false;
        }
        return actions.ToImmutable();
    }

    private static bool IsOutdated(SiloReport silo, ReplicaSnapshot replica)
        => !silo.Models.Contains(replica.ModelId)
            || (replica.Version.Length > 0 && silo.Offers.FirstOrDefault(offer => offer.ModelId == replica.ModelId) is { Version.Length: > 0 } offer && offer.Version != replica.Version);

    private static int NumberOf(string replicaId) => int.Parse(replicaId.AsSpan(replicaId.LastIndexOf('/') + 1));
}
