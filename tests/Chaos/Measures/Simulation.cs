using System.Diagnostics;
using System.Text.Json;
using Cluster.Decoding;
using Cluster.Serving;
using Cluster.Serving.Routing;

namespace Cluster.Chaos.Measures;

/// <summary>
/// <c>simulate</c>: up to 1,000 replicas, in virtual time. The router is the real one; replicas are queues with slots and a fixed rate, known to the edge as they
/// were at its last pulse. What an edge spends is counted with costs that <c>overhead</c> measured.
/// </summary>
/// <remarks>
/// Method: events in order of virtual time (a request ends, a pulse is taken). Requests keep twice the number of slots open and differ in length by a factor of up
/// to two, evenly. A replica decodes its first <c>Slots</c> sequences, a token each per step, whoever else waits in order of arrival. Its outstanding tokens
/// become known every <c>PulseMs</c>. The first quarter of the time is not counted. Processor time: tokens times the measured cost of a delta through Orleans (both
/// sides), pulses times that of a call, requests times the measured time of a pick.
/// </remarks>
public static class Simulation
{
    private const int StepMs = 20;
    private const int Slots = 8;
    private const int PulseMs = 150;
    private const double Seconds = 12;

    private sealed class Replica(int number) : IReplica
    {
        private readonly ReplicaSnapshot _base = new() { Id = $"{ChaosSilo.FakeModelId}/{number}", ModelId = ChaosSilo.FakeModelId, Health = ReplicaHealth.Ready, SlotsMax = Slots };
        private ReplicaSnapshot _seen = new() { Id = $"{ChaosSilo.FakeModelId}/{number}", ModelId = ChaosSilo.FakeModelId, Health = ReplicaHealth.Ready, SlotsMax = Slots };

        public Queue<int> Waiting { get; } = new();

        public int Running { get; set; }

        /// <summary>Of all that run or wait.</summary>
        public long Outstanding { get; set; }

        public string Id => _base.Id;

        public string ModelId => _base.ModelId;

        public ReplicaSnapshot Snapshot => _seen;

        public void Pulse() => _seen = _base with { OutstandingTokens = Outstanding, RunningSequences = Running, WaitingSequences = Waiting.Count };

        public IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, CancellationToken cancellationToken) => throw new NotSupportedException("Nothing is decoded here.");
    }

    private sealed class Fleet(Replica[] replicas) : IReplicaDirectory
    {
        public IReadOnlyList<IReplica> All => replicas;

        public IReadOnlyList<IReplica> ReplicasOf(string modelId) => replicas;
    }

    /// <param name="deltaUs">Processor time of one delta through Orleans, edge and replica together, in microseconds.</param>
    /// <param name="callUs">Processor time of one small call, both sides, in microseconds.</param>
    public static int Run(IReadOnlyList<int> sizes, double deltaUs, double callUs)
    {
        var rows = new List<object>();
        foreach (int size in sizes)
        {
            (double perSecond, double tokensPerSecond, double pickUs) = RunOne(size);
            double most = size * Slots * (1000.0 / StepMs);
            rows.Add(new
            {
                replicas = size,
                requests_per_s = Math.Round(perSecond, 1),
                of_linear = Math.Round(tokensPerSecond / most, 4),
                pick_us = Math.Round(pickUs, 2),
                cores_deltas = Math.Round(tokensPerSecond * deltaUs / 1e6, 2),
                cores_pulses_per_edge = Math.Round(size * (1000.0 / PulseMs) * callUs / 1e6, 3),
                cores_picks = Math.Round(perSecond * pickUs / 1e6, 3),
            });
            Console.WriteLine(JsonSerializer.Serialize(rows[^1]));
        }
        Console.WriteLine(JsonSerializer.Serialize(new { step_ms = StepMs, slots = Slots, pulse_ms = PulseMs, delta_us = deltaUs, call_us = callUs, rows }));
        return 0;
    }

    private static (double RequestsPerSecond, double TokensPerSecond, double PickUs) RunOne(int size)
    {
        Replica[] replicas = [.. Enumerable.Range(0, size).Select(number => new Replica(number))];
        var router = new ReplicaRouter(new Fleet(replicas), new ReplicaBreakers(new BreakerOptions(), TimeProvider.System));
        var numbers = replicas.Select((replica, number) => (replica.Id, number)).ToDictionary(one => one.Id, one => one.number);
        var ends = new PriorityQueue<(int Replica, int Tokens), double>();
        var random = new Random(1);
        long requests = 0, tokens = 0, picks = 0, pickTicks = 0;
        double now = 0, counted = Seconds / 4, pulseAt = 0;
        for (int i = 0; i < 2 * Slots * size; i++) Open();
        while (now < Seconds)
        {
            ends.TryPeek(out _, out double endAt);
            if (pulseAt <= endAt)
            {
                now = pulseAt;
                pulseAt += PulseMs / 1000.0;
                foreach (Replica replica in replicas) replica.Pulse();
                continue;
            }
            (int number, int length) = ends.Dequeue();
            now = endAt;
            Replica ended = replicas[number];
            ended.Running--;
            ended.Outstanding -= length;
            if (now >= counted) (requests, tokens) = (requests + 1, tokens + length);
            if (ended.Waiting.TryDequeue(out int next)) Begin(number, next);
            Open();
        }
        double seconds = Seconds - counted;
        return (requests / seconds, tokens / seconds, pickTicks * 1e6 / Stopwatch.Frequency / picks);

        void Open()
        {
            int length = 34 + random.Next(33);
            var journal = new SequenceJournal { RequestId = $"{picks}", PromptTokens = [1], TokensMax = length, Sampling = new SamplingOptions() };
            long began = Stopwatch.GetTimestamp();
            int number = numbers[router.Pick(ChaosSilo.FakeModelId, journal, new HashSet<string>())!.Id];
            pickTicks += Stopwatch.GetTimestamp() - began;
            picks++;
            replicas[number].Outstanding += length;
            if (replicas[number].Running < Slots) Begin(number, length);
            else replicas[number].Waiting.Enqueue(length);
        }

        void Begin(int number, int length)
        {
            replicas[number].Running++;
            ends.Enqueue((number, length), now + (length * StepMs / 1000.0));
        }
    }
}
