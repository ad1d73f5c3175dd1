using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Cluster.Serving.Generation;

namespace Cluster.Serving.Admission;

/// <summary>The queues of all models: lets as many sequences through as the ready replicas have slots, in the order of <see cref="FairQueue"/>.</summary>
public sealed class FairAdmission
{
    private sealed class ModelQueue
    {
        public readonly Lock Gate = new();
        public readonly FairQueue Queue = new();
    }

    private readonly FairQueueOptions _options;
    private readonly IReplicaDirectory _replicas;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, ModelQueue> _queues = new(StringComparer.Ordinal);
    private readonly Histogram<double>? _waited;
    private readonly Counter<long>? _refused;

    public FairAdmission(FairQueueOptions options, IReplicaDirectory replicas, TimeProvider time, IMeterFactory? meters = null)
    {
        (_options, _replicas, _time) = (options, replicas, time);
        Meter? meter = meters?.Create("Cluster.Serving");
        _waited = meter?.CreateHistogram<double>("cluster.queue.wait", "s", "Time that requests waited for a slot, by model and service tier");
        _refused = meter?.CreateCounter<long>("cluster.queue.refused", "{request}", "Requests refused because too many waited, by model and service tier");
        meter?.CreateObservableGauge("cluster.queue.waiting", () => _queues.SelectMany(queue => Enum.GetValues<RequestPriority>().Select(
            priority => new Measurement<int>(WaitingOf(queue.Value, priority), TagsOf(queue.Key, priority)))), "{request}", "Requests that wait for a slot, by model and service tier");
    }

    /// <summary>Requests that wait for a slot now, of all models.</summary>
    public int Waiting => _queues.Values.Sum(WaitingOf);

    /// <summary>Leave to run. Dispose it when the request is over.</summary>
    public sealed class Place : IDisposable
    {
        private readonly Action<double> _release;
        private bool _isOver;

        internal Place(Action<double> release) => _release = release;

        /// <summary>What the request has cost so far, in tokens.</summary>
        public double Tokens { get; set; }

        public void Dispose()
        {
            if (_isOver) return;
            _isOver = true;
            _release(Tokens);
        }
    }

    /// <summary>Waits until it is this request's turn; null if too many wait already.</summary>
    public async ValueTask<Place?> EnterAsync(PreparedGeneration prepared, CancellationToken cancellationToken)
    {
        string modelId = prepared.Model.Id;
        ModelQueue queue = _queues.GetOrAdd(modelId, static _ => new ModelQueue());
        GenerationRequest request = prepared.Request;
        double expected = prepared.PromptTokens + ((double)request.Choices * Math.Min(prepared.TokensMax, _options.TokensExpected));
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        long start = _time.GetTimestamp();
        FairQueue.Ticket ticket;
        lock (queue.Gate)
        {
            int capacity = CapacityOf(modelId);
            if (queue.Queue.Waiting >= _options.WaitingMax && queue.Queue.Running >= capacity)
            {
                _refused?.Add(1, TagsOf(modelId, request.Priority));
                return null;
            }
            ticket = queue.Queue.Enqueue(request.Owner, request.Priority, request.Choices, expected);
            ticket.OnAdmitted = turn.SetResult;
            Admit(queue, capacity);
        }
        try
        {
            if (!turn.Task.IsCompleted) await turn.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            bool hadTurn;
            lock (queue.Gate) hadTurn = !queue.Queue.Cancel(ticket);
            if (hadTurn) Release(queue, modelId, ticket, 0);
            throw;
        }
        _waited?.Record(_time.GetElapsedTime(start).TotalSeconds, TagsOf(modelId, request.Priority));
        return new Place(tokens => Release(queue, modelId, ticket, tokens));
    }

    private void Release(ModelQueue queue, string modelId, FairQueue.Ticket ticket, double tokens)
    {
        lock (queue.Gate)
        {
            queue.Queue.Release(ticket, tokens);
            Admit(queue, CapacityOf(modelId));
        }
    }

    private static void Admit(ModelQueue queue, int capacity)
    {
        foreach (FairQueue.Ticket admitted in queue.Queue.Admit(capacity)) admitted.OnAdmitted!();
    }

    private static KeyValuePair<string, object?>[] TagsOf(string modelId, RequestPriority priority) => [new("model", modelId), new("tier", TierOf(priority))];

    /// <summary>The class as requests name it.</summary>
    private static string TierOf(RequestPriority priority) => priority switch
    {
        RequestPriority.Low => "flex",
        RequestPriority.High => "priority",
        _ => "default",
    };

    private static int WaitingOf(ModelQueue queue, RequestPriority priority)
    {
        lock (queue.Gate) return queue.Queue.WaitingOf(priority);
    }

    private static int WaitingOf(ModelQueue queue)
    {
        lock (queue.Gate) return queue.Queue.Waiting;
    }

    /// <summary>Slots of the ready replicas, and a few ahead. Unknown counts as endless: then the replicas' own bounds hold.</summary>
    private int CapacityOf(string modelId)
    {
        int capacity = 0;
        foreach (IReplica replica in _replicas.ReplicasOf(modelId))
        {
            ReplicaSnapshot snapshot = replica.Snapshot;
            if (snapshot.Health != ReplicaHealth.Ready) continue;
            if (snapshot.SlotsMax == 0) return int.MaxValue;
            capacity += snapshot.SlotsMax + _options.SequencesAhead;
        }
        return capacity == 0 ? int.MaxValue : capacity;
    }
}
