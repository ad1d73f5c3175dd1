using System.Globalization;

namespace Cluster.Host.Loading;

/// <summary>Tells people how loading goes: a bar with the time left on a terminal, one line for each thing that has ended elsewhere.</summary>
public sealed class LoadingProgress : IDisposable
{
    private const int BarCells = 24;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly LoadingPlan _plan = new();
    private readonly TextWriter _output;
    private readonly bool _isTerminal;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly Lock _gate = new();
    private ITimer? _timer;

    /// <param name="output">Standard output.</param>
    /// <param name="isTerminal">Whether it can redraw a line.</param>
    /// <param name="time">Its clock.</param>
    public LoadingProgress(TextWriter output, bool isTerminal, TimeProvider time)
    {
        (_output, _isTerminal, _time, _started) = (output, isTerminal, time, time.GetTimestamp());
        if (isTerminal) _timer = time.CreateTimer(_ => Draw(), null, Interval, Interval);
    }

    /// <summary>The progress of this program's own output.</summary>
    public static LoadingProgress OfConsole(TimeProvider time)
        => new(Console.Out, !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or "" or null), time);

    private double Now => _time.GetElapsedTime(_started).TotalSeconds;

    /// <inheritdoc cref="LoadingPlan.Add"/>
    public int Plan(string name, long bytes, bool isOpaque) => _plan.Add(name, bytes, isOpaque);

    /// <summary>Does a planned job and says when it has ended.</summary>
    /// <param name="job">Its number.</param>
    /// <param name="done">What to print then; null prints nothing.</param>
    /// <param name="work">Gets what hears of bytes that were handled.</param>
    public async Task<T> RunAsync<T>(int job, Func<T, TimeSpan, string?> done, Func<Action<long>, Task<T>> work)
    {
        double began = Now;
        _plan.Begin(job, began);
        T result = await work(bytes => _plan.Advance(job, bytes)).ConfigureAwait(false);
        _plan.End(job, Now);
        if (done(result, TimeSpan.FromSeconds(Now - began)) is { } line) Say(line);
        return result;
    }

    /// <summary>One line, above the bar.</summary>
    public void Say(string line)
    {
        lock (_gate)
        {
            Clear();
            _output.WriteLine(line);
        }
    }

    private void Draw()
    {
        (double share, double? left, string name) = _plan.At(Now);
        lock (_gate)
        {
            if (_timer is null || name.Length == 0) return;
            _output.Write($"\r\u001b[2K{BarOf(share, left, name)}");
            _output.Flush();
        }
    }

    /// <summary>For example <c>[########----------------]  33 %  reading qwen, about 12 s left</c>.</summary>
    public static string BarOf(double share, double? secondsLeft, string name)
    {
        int cells = (int)(Math.Clamp(share, 0, 1) * BarCells);
        string time = secondsLeft is not { } left ? "" : left < 90
            ? string.Create(CultureInfo.InvariantCulture, $", about {Math.Ceiling(left):0} s left")
            : string.Create(CultureInfo.InvariantCulture, $", about {Math.Ceiling(left / 60):0} min left");
        return string.Create(CultureInfo.InvariantCulture, $"[{new string('#', cells)}{new string('-', BarCells - cells)}] {Math.Floor(share * 100),3:0} %  {name}{time}");
    }

    private void Clear()
    {
        if (_isTerminal) _output.Write("\r\u001b[2K");
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_timer is null) return;
            _timer.Dispose();
            _timer = null;
            Clear();
            _output.Flush();
        }
    }
}
