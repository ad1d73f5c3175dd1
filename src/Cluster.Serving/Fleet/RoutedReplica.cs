using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cluster.Decoding;

namespace Cluster.Serving.Fleet;

/// <summary>A replica on another process, as an edge sees it: what the planner said last, and whether its pulse is felt.</summary>
public sealed class RoutedReplica : IReplica
{
    private const double Smoothing = 0.2;
    private readonly IReplicaWire _wire;
    private readonly Lock _gate = new();

    /// <summary>The streams that are open; the shared one is among them.</summary>
    private readonly HashSet<ReplicaLink> _links = [];
    private ReplicaLink? _shared;
    private volatile ReplicaSnapshot _snapshot;

    /// <summary>Set while it counts as lost.</summary>
    private ReplicaLostException? _loss;
    private long _felt = long.MinValue;
    private double _usualAnswerMs;

    internal RoutedReplica(ReplicaSnapshot snapshot, IReplicaWire wire) => (_snapshot, _wire) = (snapshot, wire);

    public string Id => _snapshot.Id;

    public string ModelId => _snapshot.ModelId;

    public ReplicaSnapshot Snapshot => Volatile.Read(ref _loss) is null ? _snapshot : _snapshot with { Health = ReplicaHealth.Lost };

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
            if (sent > _felt) Lose(isSilent);
        }
    }

    /// <summary>Its pulse is gone: streams break at once, and no new ones come, until it is felt again.</summary>
    public void Lose() => Lose(isSilent: false);

    private void Lose(bool isSilent)
    {
        lock (_gate)
        {
            if (_loss is not null) return;
            _loss = new ReplicaLostException(Id, isSilent);
            foreach (ReplicaLink link in _links) link.Break(_loss);
            _links.Clear();
            _shared = null;
        }
    }

    private void Revive()
    {
        lock (_gate) _loss = null;
    }

    /// <exception cref="ReplicaLostException">The pulse was lost before or while the stream ran.</exception>
    public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ReplicaLink link = LinkFor(journal);
        ChannelReader<SequenceDelta> deltas = link.Begin(journal);
        bool hasEnded = false;
        try
        {
            while (!hasEnded && await deltas.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (deltas.TryRead(out SequenceDelta? delta))
                {
                    hasEnded = delta.Finish is not null;
                    // The stream knows of a drain before the next table or pulse does.
                    if (delta.Error?.Kind == SequenceErrorKind.Draining) _snapshot = _snapshot with { Health = ReplicaHealth.Draining };
                    yield return delta;
                }
            }
        }
        finally
        {
            link.Leave(journal, hasEnded);
            Forget(link);
        }
    }

    private ReplicaLink LinkFor(SequenceJournal journal)
    {
        lock (_gate)
        {
            if (_loss is not null) throw new ReplicaLostException(Id, _loss.IsSilent);
            if (_shared is { IsBroken: true } broken)
            {
                _links.Remove(broken);
                _shared = null;
            }
            ReplicaLink link = !_snapshot.HasLinks ? ReplicaLink.Single(_wire, Id, journal) : _shared ??= ReplicaLink.Shared(_wire, Id, journal);
            _links.Add(link);
            return link;
        }
    }

    private void Forget(ReplicaLink link)
    {
        if (!link.IsBroken) return;
        lock (_gate) _links.Remove(link);
    }
}

/// <summary>The replica does not answer; another one may continue.</summary>
public sealed class ReplicaLostException(string replicaId, bool isSilent) : Exception($"Replica {replicaId} does not answer.")
{
    /// <summary>Nothing says that it is dead: it may hang, or be slow.</summary>
    public bool IsSilent { get; } = isSilent;
}
