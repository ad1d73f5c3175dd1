namespace Cluster.Serving.Fleet;

/// <summary>The replicas that this process owns, each on a device of its own. Thread-safe.</summary>
/// <param name="silo">Name of this process in the cluster.</param>
public sealed class ReplicaHost(string silo, DevicePool devices, IReplicaFactory factory, FleetOptions options, TimeProvider time) : IReplicaDirectory, IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);
    private readonly Dictionary<string, HostedReplica> _replicas = [];
    private readonly Lock _gate = new();
    private bool _draining;
    private int _retiring;
    private long _cutStreams;

    /// <summary>Name of this process in the cluster.</summary>
    public string Silo => silo;

    /// <summary>The replicas of this process.</summary>
    public IReadOnlyList<IReplica> All
    {
        get { lock (_gate) return [.. _replicas.Values]; }
    }

    public IReadOnlyList<IReplica> ReplicasOf(string modelId) => [.. All.Where(replica => replica.ModelId == modelId)];

    /// <summary>Takes a free device and begins to load the model on it; the replica that has this id already, if there is one.</summary>
    /// <exception cref="NoFreeDeviceException">Nothing to put it on; the caller picks another process.</exception>
    public HostedReplica Open(string replicaId)
    {
        string modelId = ModelOf(replicaId);
        lock (_gate)
        {
            if (_replicas.TryGetValue(replicaId, out var known)) return known;
            if (_draining) throw new NoFreeDeviceException($"{silo} is draining");
            if (!factory.Models.Contains(modelId)) throw new NoFreeDeviceException($"{silo} does not have the model {modelId}");
            var device = devices.TryAcquire(replicaId) ?? throw new NoFreeDeviceException($"{silo} has no free device");
            return _replicas[replicaId] = new HostedReplica(
                replicaId, modelId, silo, device.Device, token => factory.OpenAsync(replicaId, modelId, device.Device, token), () => devices.Release(device),
                factory.Offers.FirstOrDefault(offer => offer.ModelId == modelId));
        }
    }

    /// <summary>Hands the replica's sequences over and frees its device; nothing where it is not here.</summary>
    public async Task CloseAsync(string replicaId)
    {
        HostedReplica? replica;
        lock (_gate)
        {
            if (!_replicas.Remove(replicaId, out replica)) return;
        }
        await replica.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// No new replicas and no new sequences from now on; running ones go on until their edges have moved them, those that are left after
    /// <see cref="FleetOptions.DrainMs"/> are cut. Ends when the last reader has seen the end of its stream. Idempotent.
    /// </summary>
    /// <returns>Streams that were still open.</returns>
    public Task<int> DrainAsync(CancellationToken cancellationToken)
    {
        List<HostedReplica> all;
        lock (_gate)
        {
            _draining = true;
            all = [.. _replicas.Values];
        }
        return DrainAsync(all, cancellationToken);
    }

    /// <summary>Like <see cref="DrainAsync(CancellationToken)"/>, for one replica; the others go on.</summary>
    public Task<int> DrainAsync(HostedReplica replica, CancellationToken cancellationToken) => DrainAsync([replica], cancellationToken);

    /// <summary>
    /// No new sequences for a replica that no other can take over from (its version was replaced or removed): running ones go on to their ends, those that
    /// are left after <see cref="FleetOptions.RetireMs"/> are cut.
    /// </summary>
    /// <returns>Streams that were still open.</returns>
    public async Task<int> RetireAsync(HostedReplica replica, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _retiring);
        try
        {
            replica.Drain();
            int left = await WaitForStreamsAsync([replica], options.RetireMs, cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref _cutStreams, left);
            replica.Cut();
            return left == 0 ? 0 : await WaitForStreamsAsync([replica], options.CutMs, cancellationToken).ConfigureAwait(false);
        }
        finally { Interlocked.Decrement(ref _retiring); }
    }

    /// <summary>Replicas that serve their last requests.</summary>
    public int Retiring => Volatile.Read(ref _retiring);

    /// <summary>Streams that were ended because <see cref="FleetOptions.RetireMs"/> was over.</summary>
    public long CutStreams => Interlocked.Read(ref _cutStreams);

    private async Task<int> DrainAsync(List<HostedReplica> replicas, CancellationToken cancellationToken)
    {
        foreach (var replica in replicas) replica.Drain();
        int left = await WaitForStreamsAsync(replicas, options.DrainMs, cancellationToken).ConfigureAwait(false);
        foreach (var replica in replicas) replica.Cut();
        return left == 0 ? 0 : await WaitForStreamsAsync(replicas, options.CutMs, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Streams that have not ended yet, over all replicas.</summary>
    public int RunningStreams
    {
        get { lock (_gate) return _replicas.Values.Sum(replica => replica.RunningStreams); }
    }

    /// <summary>What this process offers and runs, for the model's planner.</summary>
    public SiloReport Report()
    {
        lock (_gate)
        {
            return new SiloReport
            {
                Silo = silo, Models = [.. factory.Models], Offers = [.. factory.Offers], FreeDevices = _draining ? 0 : devices.FreeCount, Draining = _draining,
                Replicas = [.. _replicas.Values.Select(replica => replica.Snapshot)],
            };
        }
    }

    public async ValueTask DisposeAsync()
    {
        string[] ids;
        lock (_gate)
        {
            _draining = true;
            ids = [.. _replicas.Keys];
        }
        foreach (string id in ids) await CloseAsync(id).ConfigureAwait(false);
    }

    private async Task<int> WaitForStreamsAsync(List<HostedReplica> replicas, int waitMs, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        while (replicas.Any(replica => replica.RunningStreams > 0) && time.GetElapsedTime(began).TotalMilliseconds < waitMs && !cancellationToken.IsCancellationRequested)
            await Task.Delay(PollInterval, time, CancellationToken.None).ConfigureAwait(false);
        return replicas.Sum(replica => replica.RunningStreams);
    }

    /// <summary>The model's name in a replica's id, <c>{model}/{n}</c>.</summary>
    public static string ModelOf(string replicaId) => replicaId[..Math.Max(0, replicaId.LastIndexOf('/'))];
}

/// <summary>This process cannot take the replica; another one may.</summary>
public sealed class NoFreeDeviceException(string message) : Exception(message);
