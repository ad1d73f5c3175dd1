using System.Runtime.CompilerServices;
using Cluster.Decoding;

namespace Cluster.Serving.Fleet;

/// <summary>
/// A replica that this process owns, from the moment its device is taken: loading, ready, draining, failed. Its load runs in the background.
/// A drain has two parts. First it is only said: streams run on until their edges move them, a few at a time. Then, for edges that did not, every
/// stream ends after a whole delta with <see cref="SequenceErrorKind.Draining"/>.
/// </summary>
public sealed class HostedReplica : IReplica, IAsyncDisposable
{
    private readonly string _device;
    private readonly string _silo;
    private readonly Action _release;
    private readonly ModelOffer? _offer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loading;
    private volatile IReplica? _inner;
    private volatile bool _failed;
    private volatile bool _draining;
    private int _streams;

    /// <param name="device">The device's name; it is this replica's until <paramref name="release"/> is called, once the model is closed.</param>
    /// <param name="open">Loads the model.</param>
    /// <param name="offer">What it loads; null where nobody asks.</param>
    internal HostedReplica(string id, string modelId, string silo, string device, Func<CancellationToken, Task<IReplica>> open, Action release, ModelOffer? offer = null)
    {
        (Id, ModelId, _silo, _device, _release, _offer) = (id, modelId, silo, device, release, offer);
        Links = new SequenceLinks(this);
        _loading = Task.Run(async () =>
        {
            try { _inner = await open(_stopping.Token).ConfigureAwait(false); }
            catch (Exception error)
            {
                LoadError = error;
                _failed = true;
            }
        });
    }

    public string Id { get; }

    public string ModelId { get; }

    /// <summary>Why the model could not be loaded; null while it loads and where it did.</summary>
    public Exception? LoadError { get; private set; }

    /// <summary>Its sequences, an edge's together.</summary>
    public SequenceLinks Links { get; }

    /// <summary>Streams that have not ended yet, and what is left of those that have.</summary>
    public int RunningStreams => Volatile.Read(ref _streams) + Links.Undelivered;

    /// <summary>Ends when the model is loaded or has failed to load; never throws.</summary>
    public Task Loading => _loading;

    public ReplicaHealth Health
        => _draining ? ReplicaHealth.Draining
        : _failed ? ReplicaHealth.Failed
        : _inner is null ? ReplicaHealth.Loading
        : _inner.Snapshot.Health;

    public ReplicaSnapshot Snapshot
    {
        get
        {
            ReplicaSnapshot inner = _inner?.Snapshot ?? new ReplicaSnapshot { Id = Id, ModelId = ModelId };
            return inner with
            {
                Id = Id, ModelId = ModelId, Device = _device, Silo = _silo, Health = Health, Problem = LoadError?.Message ?? "",
                Fingerprint = inner.Fingerprint.Length > 0 ? inner.Fingerprint : _offer?.Fingerprint ?? "", Version = _offer?.Version ?? "", HasLinks = true,
            };
        }
    }

    /// <summary>No new sequences; running streams go on until their edges leave. Idempotent.</summary>
    public void Drain() => _draining = true;

    /// <summary>Undoes <see cref="Drain"/>; nothing once streams were cut.</summary>
    public void Resume() => _draining = _stopping.IsCancellationRequested;

    /// <summary>Ends the streams that are left, each after its current delta, to be continued elsewhere. Idempotent.</summary>
    public void Cut()
    {
        Drain();
        _stopping.Cancel();
        Links.Close();
    }

    public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_inner is not { } inner || Health != ReplicaHealth.Ready)
        {
            yield return Refuse(journal, journal.EmittedTokens.Length);
            yield break;
        }
        Interlocked.Increment(ref _streams);
        try
        {
            await foreach (var delta in RunAsync(inner, journal, cancellationToken).ConfigureAwait(false)) yield return delta;
        }
        finally { Interlocked.Decrement(ref _streams); }
    }

    private async IAsyncEnumerable<SequenceDelta> RunAsync(
        IReplica inner, SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int position = journal.EmittedTokens.Length;
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        await using var deltas = inner.GenerateAsync(journal, linked.Token).GetAsyncEnumerator(linked.Token);
        while (true)
        {
            bool more;
            try { more = await deltas.MoveNextAsync().ConfigureAwait(false); }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested) { more = false; }

            bool handOver = _stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested;
            if (handOver && (!more || deltas.Current.Finish == FinishReason.Cancelled))
            {
                yield return Refuse(journal, position);
                yield break;
            }
            if (!more) yield break;
            position = deltas.Current.Position + deltas.Current.Tokens.Length;
            yield return deltas.Current;
            if (deltas.Current.Finish is not null) yield break;
        }
    }

    /// <summary>Hands the sequences over, stops the engine and frees the device, in this order.</summary>
    public async ValueTask DisposeAsync()
    {
        Cut();
        await _loading.ConfigureAwait(false);
        if (_inner is IAsyncDisposable owned) await owned.DisposeAsync().ConfigureAwait(false);
        _release();
    }

    private SequenceDelta Refuse(SequenceJournal journal, int position) => new()
    {
        RequestId = journal.RequestId, Choice = journal.Choice, Attempt = journal.Attempt, Position = position, Finish = FinishReason.Failed,
        Error = new SequenceError(_failed ? SequenceErrorKind.ModelFailed : SequenceErrorKind.Draining, $"replica {Id} is {Health}"),
    };
}
