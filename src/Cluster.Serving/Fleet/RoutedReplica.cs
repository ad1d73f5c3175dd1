using System.Runtime.CompilerServices;
using Cluster.Decoding;

namespace Cluster.Serving.Fleet;

/// <summary>How an edge reaches a replica elsewhere.</summary>
public delegate IAsyncEnumerable<SequenceDelta> RemoteGenerate(string replicaId, SequenceJournal journal, CancellationToken cancellationToken);

/// <summary>A replica on another process, as an edge sees it: what the planner said last, and whether its pulse is felt.</summary>
public sealed class RoutedReplica : IReplica
{
    private readonly RemoteGenerate _generate;
    private readonly Lock _gate = new();
    private volatile ReplicaSnapshot _snapshot;
    private CancellationTokenSource _lost = new();
    private const double Smoothing = 0.2;
    private long _felt = long.MinValue;
    private volatile bool _isSilent;
    private double _usualAnswerMs;

    internal RoutedReplica(ReplicaSnapshot snapshot, RemoteGenerate generate) => (_snapshot, _generate) = (snapshot, generate);

    public string Id => _snapshot.Id;

    public string ModelId => _snapshot.ModelId;

    public ReplicaSnapshot Snapshot => _lost.IsCancellationRequested ? _snapshot with { Health = ReplicaHealth.Lost } : _snapshot;

    /// <summary>Newer figures, from the planner. Another silo is another life: it begins alive.</summary>
    /// <remarks>The planner hears of a death later than the pulse does: what it still calls ready stays lost until its pulse is felt.</remarks>
    public void Update(ReplicaSnapshot snapshot)
    {
        bool isAnotherLife = snapshot.Silo != _snapshot.Silo;
        if (isAnotherLife || snapshot.Health == ReplicaHealth.Lost) Lose();
        _snapshot = snapshot;
        if (isAnotherLife && snapshot.Health != ReplicaHealth.Lost) Revive();
    }

    /// <summary>How long a beat took.</summary>
    public void Answered(TimeSpan taken)
    {
        lock (_gate) _usualAnswerMs += Smoothing * (taken.TotalMilliseconds - _usualAnswerMs);
    }

    /// <summary>How long the next one may take before the replica counts as lost.</summary>
    public TimeSpan AnswerBound(FleetOptions options)
    {
        lock (_gate) return TimeSpan.FromMilliseconds(Math.Max(options.PulseLostMs, Math.Min(options.PulseLostMaxMs, _usualAnswerMs * options.PulseLostFactor)));
    }

    /// <summary>A beat that was sent at <paramref name="sent"/> was answered.</summary>
    public void Felt(ReplicaSnapshot snapshot, long sent)
    {
        lock (_gate) _felt = Math.Max(_felt, sent);
        Update(snapshot);
        Revive();
    }

    /// <summary>A beat that was sent at <paramref name="sent"/> was refused or not answered; a later one that was answered outweighs it.</summary>
    /// <param name="isSilent">It was not answered: the replica may be alive and slow.</param>
    public void Missed(long sent, bool isSilent)
    {
        lock (_gate)
        {
            if (sent <= _felt || _lost.IsCancellationRequested) return;
            _isSilent = isSilent;
            _lost.Cancel();
        }
    }

    /// <summary>Its pulse is gone: streams break at once, and no new ones come, until it is felt again.</summary>
    public void Lose()
    {
        lock (_gate)
        {
            if (_lost.IsCancellationRequested) return;
            _isSilent = false;
            _lost.Cancel();
        }
    }

    private void Revive()
    {
        lock (_gate)
        {
            if (_lost.IsCancellationRequested) _lost = new CancellationTokenSource();
        }
    }

    /// <exception cref="ReplicaLostException">The pulse was lost while the stream ran.</exception>
    public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lost = _lost.Token;
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lost);
        var deltas = _generate(Id, journal, linked.Token).GetAsyncEnumerator(linked.Token);
        Task<bool>? pending = null;
        try
        {
            while (true)
            {
                // A call to a process that is gone may hang: its end is not waited for, it is only told.
                pending = deltas.MoveNextAsync().AsTask();
                bool more = false, isLost = false;
                try { more = await pending.WaitAsync(lost).ConfigureAwait(false); }
                catch (OperationCanceledException) when (lost.IsCancellationRequested) { isLost = true; }
                if (isLost)
                {
                    // Off the thread that told of the loss: it tells every stream of the replica, and each has work to do now.
                    await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                    throw new ReplicaLostException(Id, _isSilent);
                }
                if (!more) yield break;
                // The stream knows of a drain before the next table or pulse does.
                if (deltas.Current.Error?.Kind == SequenceErrorKind.Draining) _snapshot = _snapshot with { Health = ReplicaHealth.Draining };
                yield return deltas.Current;
            }
        }
        finally
        {
            if (pending is { IsCompleted: false }) _ = DisposeLaterAsync(pending, deltas);
            else await deltas.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task DisposeLaterAsync(Task pending, IAsyncEnumerator<SequenceDelta> deltas)
    {
        await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try { await deltas.DisposeAsync().ConfigureAwait(false); }
        catch (Exception error) when (error is not OutOfMemoryException) { /* Nobody is left to tell. */ }
    }
}

/// <summary>The replica does not answer; another one may continue.</summary>
public sealed class ReplicaLostException(string replicaId, bool isSilent) : Exception($"Replica {replicaId} does not answer.")
{
    /// <summary>Nothing says that it is dead: it may hang, or be slow.</summary>
    public bool IsSilent { get; } = isSilent;
}
