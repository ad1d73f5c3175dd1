using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cluster.Decoding;

namespace Cluster.Serving.Fleet;

/// <summary>
/// What edges run on one replica, the deltas of all sequences of an edge in one stream. A step of the engine gives every sequence a token at the same time:
/// that is one message to the edge then, and not one for each sequence.
/// </summary>
public sealed class SequenceLinks(IReplica replica)
{
    private readonly ConcurrentDictionary<string, Link> _links = new(StringComparer.Ordinal);
    private volatile bool _isClosing;

    /// <summary>Deltas that no edge has fetched yet.</summary>
    public int Undelivered => _links.Values.Sum(link => link.Undelivered);

    /// <summary>The deltas of all sequences that are begun on this link, each sequence's in order. The first one names no request: it says that the link is open.
    /// Whoever leaves the stream leaves its sequences.</summary>
    /// <param name="link">A name that no other link has.</param>
    public async IAsyncEnumerable<SequenceDelta> OpenAsync(string link, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var opened = new Link(replica);
        if (!_links.TryAdd(link, opened)) throw new InvalidOperationException($"link {link} is open already");
        try
        {
            if (_isClosing) opened.Close();
            yield return new SequenceDelta { RequestId = "" };
            await foreach (SequenceDelta delta in opened.ReadAsync(cancellationToken).ConfigureAwait(false)) yield return delta;
        }
        finally
        {
            _links.TryRemove(link, out _);
            opened.LeaveAll();
        }
    }

    /// <summary>Runs or continues a sequence; its deltas come on the link, the last one with its finish.</summary>
    /// <exception cref="InvalidOperationException">The link is not open.</exception>
    public void Begin(string link, SequenceJournal journal)
    {
        if (!_links.TryGetValue(link, out Link? opened)) throw new InvalidOperationException($"link {link} is not open");
        opened.Begin(journal);
    }

    /// <summary>Nobody reads the sequence any more.</summary>
    public void Leave(string link, SequenceKey sequence) => _links.GetValueOrDefault(link)?.Leave(sequence);

    /// <summary>Each link ends with the last of its sequences. Idempotent.</summary>
    public void Close()
    {
        _isClosing = true;
        foreach (Link link in _links.Values) link.Close();
    }

    private sealed class Link(IReplica replica)
    {
        // The sequences bound it: at most their token budgets of deltas.
        private readonly Channel<SequenceDelta> _deltas = Channel.CreateUnbounded<SequenceDelta>();
        private readonly Dictionary<SequenceKey, CancellationTokenSource> _sequences = [];
        private readonly Lock _gate = new();
        private bool _isClosing;

        public int Undelivered => _deltas.Reader.Count;

        public IAsyncEnumerable<SequenceDelta> ReadAsync(CancellationToken cancellationToken) => _deltas.Reader.ReadAllAsync(cancellationToken);

        public void Begin(SequenceJournal journal)
        {
            SequenceKey key = SequenceKey.Of(journal);
            var leaving = new CancellationTokenSource();
            lock (_gate)
            {
                if (!_sequences.TryAdd(key, leaving)) throw new InvalidOperationException($"{key} runs already");
            }
            _ = Task.Run(() => RunAsync(key, journal, leaving.Token));
        }

        public void Leave(SequenceKey key)
        {
            CancellationTokenSource? leaving;
            lock (_gate) leaving = _sequences.GetValueOrDefault(key);
            leaving?.Cancel();
        }

        public void LeaveAll()
        {
            CancellationTokenSource[] all;
            lock (_gate) all = [.. _sequences.Values];
            foreach (CancellationTokenSource leaving in all) leaving.Cancel();
        }

        public void Close()
        {
            lock (_gate)
            {
                _isClosing = true;
                if (_sequences.Count == 0) _deltas.Writer.TryComplete();
            }
        }

        private async Task RunAsync(SequenceKey key, SequenceJournal journal, CancellationToken leaving)
        {
            bool hasEnded = false;
            string problem = "The replica's stream ended early.";
            try
            {
                await foreach (SequenceDelta delta in replica.GenerateAsync(journal, leaving).ConfigureAwait(false))
                {
                    hasEnded |= delta.Finish is not null;
                    _deltas.Writer.TryWrite(delta);
                }
            }
            catch (OperationCanceledException) when (leaving.IsCancellationRequested) { /* Nobody reads it any more. */ }
            catch (Exception error) { problem = $"The replica's stream broke: {error.GetType().Name}."; }
            if (!hasEnded && !leaving.IsCancellationRequested) _deltas.Writer.TryWrite(Lost(key, journal, problem));
            lock (_gate)
            {
                _sequences.Remove(key);
                if (_isClosing && _sequences.Count == 0) _deltas.Writer.TryComplete();
            }
        }

        private static SequenceDelta Lost(SequenceKey key, SequenceJournal journal, string problem) => new()
        {
            RequestId = key.RequestId, Choice = key.Choice, Attempt = key.Attempt, Position = journal.EmittedTokens.Length, Finish = FinishReason.Failed,
            Error = new SequenceError(SequenceErrorKind.ReplicaLost, problem),
        };
    }
}
