using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;

namespace Cluster.Benchmarks.Edge;

/// <summary>
/// Gives each of its streams a number at a fixed rate, from one thread: streams are spread over the milliseconds of a period, as those of
/// independent replicas are. Notes when it gave each number.
/// </summary>
internal sealed class Pump : IDisposable
{
    private readonly List<Feed>[] _phases;
    private readonly ConcurrentQueue<Feed> _new = new();
    private readonly Thread _thread;
    private volatile bool _isStopping;

    /// <param name="period">Between two numbers of one stream.</param>
    public Pump(TimeSpan period)
    {
        _phases = [.. Enumerable.Range(0, (int)period.TotalMilliseconds).Select(_ => new List<Feed>())];
        _thread = new Thread(Run) { IsBackground = true, Name = "pump" };
        _thread.Start();
    }

    /// <summary>One stream's numbers, and when each was given.</summary>
    internal sealed class Feed(int stream, int count)
    {
        public int Stream { get; } = stream;
        public long[] GivenAt { get; } = new long[count];
        public int Given { get; set; }
        public Channel<int> Numbers { get; } = Channel.CreateUnbounded<int>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    }

    public Feed Add(int stream, int count)
    {
        var feed = new Feed(stream, count);
        _new.Enqueue(feed);
        return feed;
    }

    private void Run()
    {
        long tick = 0, start = Stopwatch.GetTimestamp();
        while (!_isStopping)
        {
            while (_new.TryDequeue(out Feed? feed)) _phases[feed.Stream % _phases.Length].Add(feed);
            double ahead = (++tick) - Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (ahead > 0) Thread.Sleep((int)Math.Ceiling(ahead));
            List<Feed> due = _phases[tick % _phases.Length];
            for (int i = due.Count - 1; i >= 0; i--)
            {
                Feed feed = due[i];
                feed.GivenAt[feed.Given] = Stopwatch.GetTimestamp();
                feed.Numbers.Writer.TryWrite(feed.Given++);
                if (feed.Given < feed.GivenAt.Length) continue;
                feed.Numbers.Writer.Complete();
                due.RemoveAt(i);
            }
        }
    }

    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
    }
}
