using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Cluster.Serving.Fleet;

/// <summary>
/// One model's replicas in a cluster: takes the silos' reports and the edges' needs, says what to start and stop, and keeps the routing table that edges watch.
/// One instance per model and cluster; thread-safe.
/// </summary>
/// <param name="epoch">Larger than that of any earlier instance for this model.</param>
public sealed class ModelFleet(string modelId, long epoch, FleetOptions options, TimeProvider time)
{
    private readonly record struct Seen(SiloReport Report, long At);

    private readonly Dictionary<string, Seen> _silos = [];
    private readonly Dictionary<string, (string Silo, long At)> _pending = [];
    private readonly Dictionary<string, long> _refusedAt = [];
    private readonly Dictionary<string, (string[] Fingerprints, long At)> _needs = [];
    private readonly long _began = time.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly HashSet<string> _emptied = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RoutingTable _table = new(modelId, epoch, 0, []);
    private bool _isClosed;

    /// <summary>Wanted number of replicas.</summary>
    public int Desired { get; set; } = options.Replicas;

    /// <summary>Every known replica, those of silent silos as lost.</summary>
    public RoutingTable Table
    {
        get { lock (_gate) return _table; }
    }

    /// <summary>Silos whose reports or needs are known, silent ones included.</summary>
    public IReadOnlyList<string> Silos
    {
        get { lock (_gate) return [.. _silos.Keys.Union(_needs.Keys)]; }
    }

    /// <summary>Silos that an administrator has emptied.</summary>
    public IReadOnlyList<string> Emptied
    {
        get { lock (_gate) return [.. _emptied.Order(StringComparer.Ordinal)]; }
    }

    /// <summary>No replicas of this model on the silo from now on; or, to undo it, again.</summary>
    public void Empty(string silo, bool isEmptied)
    {
        lock (_gate)
        {
            if (isEmptied) _emptied.Add(silo);
            else _emptied.Remove(silo);
        }
    }

    public void Accept(SiloReport report)
    {
        lock (_gate)
        {
            _silos[report.Silo] = new Seen(report, time.GetTimestamp());
            foreach (var replica in report.Replicas) _pending.Remove(replica.Id);
            Publish();
        }
    }

    /// <summary>An edge tells which versions of the model its requests were prepared for; see <see cref="EdgeModels"/>.</summary>
    public void Need(string silo, string[] fingerprints)
    {
        lock (_gate) _needs[silo] = (fingerprints, time.GetTimestamp());
    }

    /// <summary>Forgets a silo that has left the cluster.</summary>
    public void Leave(string silo)
    {
        lock (_gate)
        {
            _silos.Remove(silo);
            _needs.Remove(silo);
            _refusedAt.Remove(silo);
            _emptied.Remove(silo); // Its next life has another name.
            foreach (string id in _pending.Where(entry => entry.Value.Silo == silo).Select(entry => entry.Key).ToList()) _pending.Remove(id);
            Publish();
        }
    }

    /// <summary>What to do next. A returned start counts as under way until its replica is reported, refused, or late.</summary>
    public ImmutableArray<FleetAction> Plan()
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            foreach (string silo in _silos.Where(entry => Age(entry.Value.At, now) > options.ForgetMs).Select(entry => entry.Key).ToList()) _silos.Remove(silo);
            foreach (string silo in _needs.Where(entry => Age(entry.Value.At, now) > options.ForgetMs).Select(entry => entry.Key).ToList()) _needs.Remove(silo);
            foreach (string id in _pending.Where(entry => Age(entry.Value.At, now) > options.StaleMs).Select(entry => entry.Key).ToList()) _pending.Remove(id);
            Publish();
            var views = _silos.Values.Select(seen => new SiloView(
                seen.Report, Age(seen.At, now) > options.StaleMs,
                _refusedAt.TryGetValue(seen.Report.Silo, out long at) && Age(at, now) < options.RetryMs,
                _emptied.Contains(seen.Report.Silo))).ToList();
            // After a change of this instance's home every edge gets the time to tell its needs anew.
            var needed = Age(_began, now) > options.StaleMs ? _needs.Values.SelectMany(need => need.Fingerprints).ToHashSet() : null;
            var actions = FleetPlanner.Plan(modelId, Desired, views, _pending.ToDictionary(entry => entry.Key, entry => entry.Value.Silo), needed);
            foreach (var start in actions.OfType<FleetAction.Start>()) _pending[start.ReplicaId] = (start.Silo, now);
            return actions;
        }
    }

    /// <summary>The silo could not take the replica: it is not asked again for a while.</summary>
    public void Refused(FleetAction action)
    {
        lock (_gate)
        {
            _pending.Remove(action.ReplicaId);
            _refusedAt[action.Silo] = time.GetTimestamp();
        }
    }

    /// <summary>Ends all watching: another instance takes over. Idempotent.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _changed.TrySetResult();
        }
    }

    /// <summary>The routing table now, and again after every change, until <see cref="Close"/>; slow readers miss intermediate versions, never the last.</summary>
    public async IAsyncEnumerable<RoutingTable> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RoutingTable? last = null;
        while (true)
        {
            RoutingTable table;
            Task changed;
            bool isClosed;
            lock (_gate) (table, changed, isClosed) = (_table, _changed.Task, _isClosed);
            if (isClosed) yield break;
            if (table.IsNewerThan(last)) yield return last = table;
            else await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private double Age(long at, long now) => time.GetElapsedTime(at, now).TotalMilliseconds;

    private void Publish()
    {
        long now = time.GetTimestamp();
        var replicas = _silos.Values
            .SelectMany(seen => seen.Report.Replicas.Where(replica => replica.ModelId == modelId)
                .Select(replica => Age(seen.At, now) > options.StaleMs ? replica with { Health = ReplicaHealth.Lost } : replica))
            .OrderBy(replica => replica.Id, StringComparer.Ordinal).ToImmutableArray();
        if (replicas.SequenceEqual(_table.Replicas)) return;
        _table = _table with { Version = _table.Version + 1, Replicas = replicas };
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }
}
