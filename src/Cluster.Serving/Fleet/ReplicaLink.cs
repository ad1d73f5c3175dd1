using System.Collections.Concurrent;
using System.Threading.Channels;
using Cluster.Decoding;

namespace Cluster.Serving.Fleet;

/// <summary>An edge's end of a stream that a replica elsewhere gives it: takes the deltas apart by sequence. Once broken it stays so, and with it every sequence on it.</summary>
internal sealed class ReplicaLink
{
    private readonly ConcurrentDictionary<SequenceKey, ChannelWriter<SequenceDelta>> _readers = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<SequenceJournal, Task>? _begin;
    private readonly Func<SequenceKey, Task>? _leave;
    private Exception? _end;

    private ReplicaLink(Func<CancellationToken, IAsyncEnumerable<SequenceDelta>> open, Func<SequenceJournal, Task>? begin, Func<SequenceKey, Task>? leave)
    {
        (_begin, _leave) = (begin, leave);

        // The link outlives the request that opens it, so it takes none of its context along.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(() => PumpAsync(open));
    }

    /// <summary>One stream for all sequences, named after the first.</summary>
    public static ReplicaLink Shared(IReplicaWire wire, string replicaId, SequenceJournal first)
    {
        string name = $"{first.RequestId}/{first.Choice}/{first.Attempt}";
        return new ReplicaLink(
            leaving => wire.LinkAsync(replicaId, name, leaving), journal => wire.BeginAsync(replicaId, name, journal), key => wire.LeaveAsync(replicaId, name, key));
    }

    /// <summary>A stream for one sequence.</summary>
    public static ReplicaLink Single(IReplicaWire wire, string replicaId, SequenceJournal journal) => new(leaving => wire.GenerateAsync(replicaId, journal, leaving), null, null);

    public bool IsBroken => Volatile.Read(ref _end) is not null;

    /// <summary>Begins a sequence; <see cref="Leave"/> must follow.</summary>
    /// <returns>Its deltas; completed with the error that broke the link, where one did.</returns>
    public ChannelReader<SequenceDelta> Begin(SequenceJournal journal)
    {
        // The sequence bounds it: at most its token budget of deltas.
        var deltas = Channel.CreateUnbounded<SequenceDelta>(new UnboundedChannelOptions { SingleReader = true });
        _readers[SequenceKey.Of(journal)] = deltas.Writer;
        if (Volatile.Read(ref _end) is { } end) deltas.Writer.TryComplete(end);
        else if (_begin is not null) _ = BeginAsync(journal, deltas.Writer);
        return deltas.Reader;
    }

    /// <summary>Nobody reads the sequence any more.</summary>
    public void Leave(SequenceJournal journal, bool hasEnded)
    {
        var key = SequenceKey.Of(journal);
        _readers.TryRemove(key, out _);
        if (_leave is null) Break(new OperationCanceledException("The reader left."));
        else if (!hasEnded && !IsBroken) _ = TellAsync(key);
    }

    /// <summary>Every sequence on it ends with this error, after what has arrived; nothing waits for the replica.</summary>
    public void Break(Exception error)
    {
        if (Interlocked.CompareExchange(ref _end, error, null) is not null) return;
        foreach (ChannelWriter<SequenceDelta> reader in _readers.Values) reader.TryComplete(error);
        _opened.TrySetResult();
        _ = _closing.CancelAsync();
    }

    private async Task PumpAsync(Func<CancellationToken, IAsyncEnumerable<SequenceDelta>> open)
    {
        try
        {
            await foreach (SequenceDelta delta in open(_closing.Token).ConfigureAwait(false))
            {
                if (_begin is not null && delta.RequestId.Length == 0) _opened.TrySetResult();
                else if (_readers.TryGetValue(SequenceKey.Of(delta), out ChannelWriter<SequenceDelta>? reader)) reader.TryWrite(delta);
            }
            Break(new InvalidOperationException("The replica ended the link."));
        }
        catch (Exception error) { Break(error); }
    }

    private async Task BeginAsync(SequenceJournal journal, ChannelWriter<SequenceDelta> reader)
    {
        try
        {
            await _opened.Task.ConfigureAwait(false);
            if (IsBroken) return;
            await _begin!(journal).ConfigureAwait(false);
            var key = SequenceKey.Of(journal);
            if (!_readers.ContainsKey(key) && !IsBroken) await _leave!(key).ConfigureAwait(false); // Left before it had begun.
        }
        catch (Exception error) { reader.TryComplete(error); }
    }

    private async Task TellAsync(SequenceKey key)
    {
        try { await _leave!(key).ConfigureAwait(false); }
        catch (Exception error) when (error is not OutOfMemoryException) { /* The replica is gone, and the sequence with it. */ }
    }
}
