namespace Cluster.Serving;

/// <summary>
/// Watches free text for stop strings: nothing of a stop string is ever given out, and only what may still become one is held back.
/// </summary>
/// <remarks>
/// The stop string that is complete first ends the text, and of those complete at the same place the longest; so the result does not depend on
/// how the text is cut into pieces. Held back are at most as many characters as the longest stop string has, less one.
/// State of one choice; not shared.
/// </remarks>
public sealed class StopMatcher
{
    private readonly string[] _stops;
    private string _held = "";
    private bool _stopped;

    /// <param name="stops">The stop strings; none is empty.</param>
    public StopMatcher(IReadOnlyList<string> stops)
    {
        if (stops.Any(string.IsNullOrEmpty)) throw new ArgumentException("a stop string is empty", nameof(stops));
        _stops = [.. stops];
    }

    /// <summary>The stop string that ended the text, or null.</summary>
    public string? Matched { get; private set; }

    /// <summary>What the piece that brought the stop string had after it.</summary>
    public string Rest { get; private set; } = "";

    /// <returns>Text that can be given out, and whether a stop string ended it. After that nothing more comes out.</returns>
    public (string Emit, bool Stopped) Push(string text)
    {
        if (_stopped) return ("", true);
        if (_stops.Length == 0) return (text, false);
        if (text.Length == 0) return ("", false);
        string pending = _held.Length == 0 ? text : _held + text;
        int start = FindFirst(pending);
        if (start >= 0)
        {
            _stopped = true;
            _held = "";
            Rest = pending[(start + Matched!.Length)..];
            return (pending[..start], true);
        }
        int kept = pending.Length - HeldLength(pending);
        _held = pending[kept..];
        return (pending[..kept], false);
    }

    /// <summary>What was held back and became no stop string.</summary>
    public string Flush()
    {
        string rest = _held;
        _held = "";
        return rest;
    }

    private int FindFirst(string pending)
    {
        int firstEnd = int.MaxValue, start = -1;
        foreach (string stop in _stops)
        {
            int at = pending.IndexOf(stop, StringComparison.Ordinal);
            if (at < 0) continue;
            int end = at + stop.Length;
            if (end > firstEnd || (end == firstEnd && at >= start)) continue;
            (firstEnd, start, Matched) = (end, at, stop);
        }
        return start;
    }

    /// <summary>Length of the longest end of <paramref name="pending"/> that a stop string begins with.</summary>
    private int HeldLength(string pending)
    {
        int longest = 0;
        foreach (string stop in _stops)
        {
            for (int length = Math.Min(stop.Length - 1, pending.Length); length > longest; length--)
            {
                if (pending.AsSpan(pending.Length - length).SequenceEqual(stop.AsSpan(0, length))) longest = length;
            }
        }
        return longest;
    }
}
