using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cluster.Decoding;
using Cluster.Serving;
using Cluster.Serving.Fleet;

namespace Cluster.Chaos.Measures;

/// <summary>Replicas whose tokens are the time at which they left, so that whoever gets one on the same machine knows how long it took.</summary>
public sealed class StampedReplicas(string modelId, TimeSpan step) : IReplicaFactory
{
    public IReadOnlyList<string> Models => [modelId];

    public Task<IReplica> OpenAsync(string replicaId, string modelId, string device, CancellationToken cancellationToken)
        => Task.FromResult<IReplica>(new StampedReplica(replicaId, modelId, step));
}

/// <summary>Gives every stream a token at each step, all at once, from a thread of its own, as an engine does.</summary>
public sealed class StampedReplica : IReplica, IAsyncDisposable
{
    /// <summary>Stamps are microseconds in so many bits: they begin anew after 17 minutes.</summary>
    private const int Mask = (1 << 30) - 1;

    private readonly ConcurrentDictionary<Stream, bool> _streams = new();
    private readonly TimeSpan _step;
    private readonly Thread _thread;
    private volatile bool _isStopping;

    private sealed class Stream(SequenceJournal journal, ChannelWriter<SequenceDelta> writer)
    {
        private int _position = journal.EmittedTokens.Length;

        /// <returns>False where it has ended.</returns>
        public bool Step()
        {
            bool isLast = _position + 1 == journal.TokensMax;
            writer.TryWrite(new SequenceDelta
            {
                RequestId = journal.RequestId, Attempt = journal.Attempt, Position = _position++, Tokens = [Stamp()], Finish = isLast ? FinishReason.Length : null,
            });
            if (isLast) writer.Complete();
            return !isLast;
        }
    }

    public StampedReplica(string id, string modelId, TimeSpan step)
    {
        (Id, ModelId, _step) = (id, modelId, step);
        _thread = new Thread(Run) { Name = "stamps", IsBackground = true };
        _thread.Start();
    }

    public string Id { get; }

    public string ModelId { get; }

    public ReplicaSnapshot Snapshot => new() { Id = Id, ModelId = ModelId, Health = ReplicaHealth.Ready, SlotsMax = 1024, RunningSequences = _streams.Count };

    /// <summary>Since a stamp was made, in milliseconds; on any process of the same machine.</summary>
    public static double AgeMs(int stamp) => ((Stamp() - stamp) & Mask) / 1000.0;

    public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var deltas = Channel.CreateUnbounded<SequenceDelta>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var stream = new Stream(journal, deltas.Writer);
        _streams[stream] = true;
        try
        {
            await foreach (SequenceDelta delta in deltas.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return delta;
        }
        finally
        {
            _streams.TryRemove(stream, out _);
        }
    }

    public ValueTask DisposeAsync()
    {
        _isStopping = true;
        _thread.Join();
        return ValueTask.CompletedTask;
    }

    private static int Stamp() => (int)(Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)) & Mask;

    private void Run()
    {
        long next = Stopwatch.GetTimestamp(), ticks = (long)(_step.TotalSeconds * Stopwatch.Frequency);
        while (!_isStopping)
        {
            next = Math.Max(next + ticks, Stopwatch.GetTimestamp());
            foreach ((Stream stream, _) in _streams)
            {
                if (!stream.Step()) _streams.TryRemove(stream, out _);
            }
            TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), next);
            if (left > TimeSpan.Zero) Thread.Sleep(left);
        }
    }
}
