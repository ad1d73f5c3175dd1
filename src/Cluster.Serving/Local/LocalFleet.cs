using System.Collections.Concurrent;
using System.Collections.Immutable;
using Cluster.Serving.Fleet;

namespace Cluster.Serving.Local;

/// <summary>
/// A process that is a cluster by itself: it opens as many replicas of each model as are wanted, and changes them, and the models, while it serves.
/// </summary>
/// <remarks>
/// A model is replaced in this order, so that no request is dropped:
/// <code>
/// 1. Open the new version beside the old one        fails → the old one stays, nothing has changed
/// 2. Swap the catalogue: new requests are prepared for the new version, and go to it alone (see ReplicaRouter)
/// 3. Requests of the old version wait, run and end on the old replicas
/// 4. The last one has ended → close them
/// </code>
/// Rejected: closing before opening, which needs half the memory and leaves requests waiting for the whole time of a load.
/// Changes are made one at a time; readers never wait for them.
/// </remarks>
public sealed class LocalFleet(ModelCatalogue catalogue, ModelUse use, LocalFleetOptions options, TimeProvider time) : IReplicaDirectory, IClusterControl, IAsyncDisposable
{
    /// <summary>The name of this one process.</summary>
    public const string Silo = "local";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>A model and the replicas that new requests may go to; those that retire are no longer among them.</summary>
    private sealed record Running(LocalModel Model, ImmutableArray<HostedReplica> Replicas);

    private readonly SemaphoreSlim _change = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<HostedReplica, Task> _retiring = [];
    private ImmutableArray<HostedReplica> _all = [];
    private bool _isDrained;
    private long _cutStreams;

    public IReadOnlyList<IReplica> All
    {
        get { lock (_gate) return [.. _all]; }
    }

    public IReadOnlyList<IReplica> ReplicasOf(string modelId)
    {
        lock (_gate) return [.. _all.Where(replica => replica.ModelId == modelId)];
    }

    /// <summary>Replicas that serve their last requests.</summary>
    public int Retiring
    {
        get { lock (_gate) return _retiring.Count; }
    }

    /// <summary>Streams that were ended because <see cref="LocalFleetOptions.RetireMax"/> was over.</summary>
    public long CutStreams => Interlocked.Read(ref _cutStreams);

    /// <summary>Whether this version of the model is in force; not where it could not be loaded and the one before it stayed.</summary>
    public bool Runs(object version, string modelId) => _running.TryGetValue(modelId, out Running? running) && running.Model.Version.Equals(version);

    /// <summary>
    /// Makes these the models of the catalogue; ends when they are loaded. A model whose new version cannot be loaded keeps the old one; a new
    /// model that cannot be loaded is in the catalogue without a ready replica.
    /// </summary>
    /// <returns>Why something could not be loaded, one line each; empty where everything is as wanted.</returns>
    public async Task<IReadOnlyList<string>> ApplyAsync(IReadOnlyList<LocalModel> models, CancellationToken cancellationToken)
    {
        await _change.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // 1. Open, all side by side
            Dictionary<string, Running> opened = models.Where(model => !_running.TryGetValue(model.Id, out Running? old) || !old.Model.Version.Equals(model.Version))
                .ToDictionary(model => model.Id, model => new Running(model, [.. Enumerable.Range(0, model.Replicas).Select(_ => Open(model))]), StringComparer.Ordinal);
            await Task.WhenAll(opened.Values.SelectMany(one => one.Replicas).Select(replica => replica.Loading)).ConfigureAwait(false);
            string[] faults = [.. opened.Values.SelectMany(one => one.Replicas).Where(replica => replica.LoadError is not null).Select(replica => $"Model '{replica.ModelId}' ({replica.Id}): {replica.LoadError!.Message}")];
            foreach (Running failed in opened.Values.Where(one => _running.ContainsKey(one.Model.Id) && one.Replicas.All(replica => replica.LoadError is not null)).ToList())
            {
                opened.Remove(failed.Model.Id);
                foreach (HostedReplica replica in failed.Replicas) Retire(replica, failed.Model, isReplaced: false);
            }

            // 2. Swap
            Running[] before = [.. _running.Values];
            Running[] after = [.. models.Select(model => opened.GetValueOrDefault(model.Id) ?? Kept(_running[model.Id], model))];
            foreach (Running gone in before.Where(old => after.All(one => one.Model.Id != old.Model.Id))) _running.TryRemove(gone.Model.Id, out _);
            foreach (Running one in after) _running[one.Model.Id] = one;
            catalogue.Replace(after.Select(one => one.Model.Served));

            // 3. Let the old ones go
            foreach (Running old in before)
            {
                Running? now = _running.GetValueOrDefault(old.Model.Id);
                if (now is not null && !opened.ContainsKey(old.Model.Id)) continue;
                bool isReplaced = now is null || now.Model.Served.Fingerprint != old.Model.Served.Fingerprint;
                foreach (HostedReplica replica in old.Replicas) Retire(replica, old.Model, isReplaced);
            }
            foreach (Running one in after.Where(one => !opened.ContainsKey(one.Model.Id)))
            {
                if (before.First(old => old.Model.Id == one.Model.Id).Model.Replicas != one.Model.Replicas) Scale(one, one.Model.Replicas);
            }
            return faults;
        }
        finally
        {
            _change.Release();
        }
    }

    /// <summary>The same replicas under a changed entry; where its new version could not be loaded, the old entry stays as it was.</summary>
    private static Running Kept(Running old, LocalModel model) => old.Model.Version.Equals(model.Version) ? old with { Model = model } : old;

    public Task<IReadOnlyList<SiloState>> GetSilosAsync(CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<SiloState>>([new SiloState(Silo, "both", "Active", Volatile.Read(ref _isDrained))]);

    public Task ScaleAsync(string modelId, int replicas, CancellationToken cancellationToken) => ChangeAsync(cancellationToken, () =>
    {
        if (!_running.TryGetValue(modelId, out Running? running)) throw new ClusterControlException($"There is no model '{modelId}'.");
        if (replicas < 0 || replicas > options.ReplicasMax) throw new ClusterControlException($"A model can have 0 to {options.ReplicasMax} replicas (Cluster:Local:ReplicasMax), not {replicas}.");
        Scale(running, replicas);
    });

    public Task ReplaceAsync(string replicaId, CancellationToken cancellationToken) => ChangeAsync(cancellationToken, () =>
    {
        Running running = _running.Values.FirstOrDefault(one => one.Replicas.Any(replica => replica.Id == replicaId))
            ?? throw new ClusterControlException($"There is no replica '{replicaId}' that could be replaced.");
        HostedReplica old = running.Replicas.First(replica => replica.Id == replicaId);
        HostedReplica next = Open(running.Model);
        _running[running.Model.Id] = running with { Replicas = running.Replicas.Add(next) };
        _ = FinishAsync();

        async Task FinishAsync()
        {
            await next.Loading.ConfigureAwait(false);
            if (next.LoadError is not null) return; // It is shown as failed, and the old one serves on.
            await ChangeAsync(CancellationToken.None, () =>
            {
                if (!_running.TryGetValue(running.Model.Id, out Running? now) || !now.Replicas.Contains(old)) return;
                _running[running.Model.Id] = now with { Replicas = now.Replicas.Remove(old) };
                Retire(old, now.Model, isReplaced: false);
            }).ConfigureAwait(false);
        }
    });

    public Task DrainAsync(string silo, CancellationToken cancellationToken) => SetDrainedAsync(silo, isDrained: true, cancellationToken);

    public Task ResumeAsync(string silo, CancellationToken cancellationToken) => SetDrainedAsync(silo, isDrained: false, cancellationToken);

    private Task SetDrainedAsync(string silo, bool isDrained, CancellationToken cancellationToken) => ChangeAsync(cancellationToken, () =>
    {
        if (silo != Silo) throw new ClusterControlException($"There is no silo '{silo}'.");
        Volatile.Write(ref _isDrained, isDrained);
        foreach (HostedReplica replica in _running.Values.SelectMany(one => one.Replicas))
        {
            if (isDrained) replica.Drain();
            else replica.Resume();
        }
    });

    private async Task ChangeAsync(CancellationToken cancellationToken, Action change)
    {
        await _change.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            change();
        }
        finally
        {
            _change.Release();
        }
    }

    /// <summary>Failed ones make room first; then what is missing is opened, or the least loaded retire.</summary>
    private void Scale(Running running, int replicas)
    {
        HostedReplica[] failed = [.. running.Replicas.Where(replica => replica.Health == ReplicaHealth.Failed)];
        HostedReplica[] alive = [.. running.Replicas.Except(failed)];
        HostedReplica[] surplus = [.. alive.OrderBy(replica => replica.Snapshot.OutstandingTokens).Take(Math.Max(0, alive.Length - replicas))];
        HostedReplica[] opened = [.. Enumerable.Range(0, Math.Max(0, replicas - alive.Length)).Select(_ => Open(running.Model))];
        _running[running.Model.Id] = running with { Replicas = [.. alive.Except(surplus), .. opened] };
        foreach (HostedReplica replica in failed.Concat(surplus)) Retire(replica, running.Model, isReplaced: false);
    }

    private HostedReplica Open(LocalModel model)
    {
        lock (_gate)
        {
            string id = Enumerable.Range(0, int.MaxValue).Select(number => $"{model.Id}/{number}").First(one => _all.All(replica => replica.Id != one));
            var replica = new HostedReplica(id, model.Id, Silo, model.Device, token => model.OpenAsync(id, token), static () => { });
            if (_isDrained) replica.Drain();
            _all = _all.Add(replica);
            return replica;
        }
    }

    /// <param name="isReplaced">Requests were prepared for this version alone and cannot go on elsewhere: it takes them until there are none.</param>
    private void Retire(HostedReplica replica, LocalModel model, bool isReplaced)
    {
        lock (_gate) _retiring.Add(replica, Task.Run(() => RetireAsync(replica, model.Served.Fingerprint, isReplaced)));
    }

    private async Task RetireAsync(HostedReplica replica, string fingerprint, bool isReplaced)
    {
        long began = time.GetTimestamp();
        long quietSince = began;
        while (isReplaced && replica.Health == ReplicaHealth.Ready && MayWait())
        {
            if (use.CountOf(replica.ModelId, fingerprint) > 0) quietSince = time.GetTimestamp();
            if (time.GetElapsedTime(quietSince) >= options.QuietMin) break;
            await PollAsync().ConfigureAwait(false);
        }
        replica.Drain();
        while (replica.RunningStreams > 0 && MayWait()) await PollAsync().ConfigureAwait(false);
        Interlocked.Add(ref _cutStreams, replica.RunningStreams);
        await replica.DisposeAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _all = _all.Remove(replica);
            _retiring.Remove(replica);
        }

        bool MayWait() => !_closing.IsCancellationRequested && time.GetElapsedTime(began) < options.RetireMax;

        Task PollAsync() => Task.Delay(PollInterval, time, CancellationToken.None);
    }

    /// <summary>Ends every stream and frees the devices.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        HostedReplica[] all;
        Task[] retiring;
        lock (_gate) (all, retiring) = ([.. _all.Where(replica => !_retiring.ContainsKey(replica))], [.. _retiring.Values]);
        await Task.WhenAll(retiring).ConfigureAwait(false);
        foreach (HostedReplica replica in all) await replica.DisposeAsync().ConfigureAwait(false);
    }
}
