namespace Cluster.Host.Loading;

/// <summary>How far a number of jobs is, and how long the rest will take: values only, no clock and no terminal.</summary>
/// <remarks>
/// A job is as large as the bytes it handles. Reading tells how far it is; opening a model does not, so its share grows with time, at the speed of the openings
/// that have ended (until then: as fast as reading), and stops short of its end until it has ended.
/// </remarks>
public sealed class LoadingPlan
{
    private const double OpaqueMax = 0.95;

    private sealed class Job
    {
        public required string Name { get; init; }
        public required long Bytes { get; init; }
        public required bool IsOpaque { get; init; }
        public long Done { get; set; }
        public double? Began { get; set; }
        public double? Ended { get; set; }
    }

    private readonly List<Job> _jobs = [];
    private readonly Lock _gate = new();

    /// <summary>What is to be done and has not begun.</summary>
    /// <param name="name">For people.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="isOpaque">It does not tell how far it is.</param>
    /// <returns>Its number.</returns>
    public int Add(string name, long bytes, bool isOpaque)
    {
        lock (_gate)
        {
            _jobs.Add(new Job { Name = name, Bytes = Math.Max(1, bytes), IsOpaque = isOpaque });
            return _jobs.Count - 1;
        }
    }

    /// <param name="job">Its number.</param>
    /// <param name="at">Now, in seconds.</param>
    public void Begin(int job, double at)
    {
        lock (_gate) _jobs[job].Began = at;
    }

    public void Advance(int job, long bytes)
    {
        lock (_gate) _jobs[job].Done += bytes;
    }

    public void End(int job, double at)
    {
        lock (_gate)
        {
            _jobs[job].Began ??= at;
            _jobs[job].Ended = at;
        }
    }

    /// <summary>Share that is done, 0 to 1; seconds left, null while nothing is known; what goes on.</summary>
    public (double Share, double? SecondsLeft, string Name) At(double at)
    {
        lock (_gate)
        {
            double total = _jobs.Sum(job => (double)job.Bytes);
            double done = _jobs.Sum(job => DoneOf(job, at) * job.Bytes);
            double began = _jobs.Min(job => job.Began) ?? at;
            double? left = done <= 0 || at <= began ? null : (at - began) * (total - done) / done;
            string name = _jobs.FirstOrDefault(job => job.Began is not null && job.Ended is null)?.Name ?? "";
            return (total == 0 ? 1 : done / total, left, name);
        }
    }

    private double DoneOf(Job job, double at)
    {
        if (job.Ended is not null) return 1;
        if (job.Began is not { } began) return 0;
        if (!job.IsOpaque) return Math.Min(1, (double)job.Done / job.Bytes);
        double? speed = SpeedOf(isOpaque: true) ?? SpeedOf(isOpaque: false);
        return speed is not { } bytesPerSecond ? 0 : Math.Min(OpaqueMax, (at - began) * bytesPerSecond / job.Bytes);
    }

    /// <summary>Of the jobs of a kind that have ended, in bytes a second.</summary>
    private double? SpeedOf(bool isOpaque)
    {
        Job[] ended = [.. _jobs.Where(job => job.IsOpaque == isOpaque && job.Ended > job.Began)];
        return ended.Length == 0 ? null : ended.Sum(job => (double)job.Bytes) / ended.Sum(job => job.Ended!.Value - job.Began!.Value);
    }
}
