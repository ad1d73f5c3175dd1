using System.ComponentModel.DataAnnotations;

namespace Cluster.OpenAI;

/// <summary>Bounds of what is remembered of requests: the section <c>Telemetry:Requests</c>.</summary>
public sealed class RequestBookOptions
{
    public const string Section = "Telemetry:Requests";

    /// <summary>Finished requests kept for the admin pages, the latest; running ones are always there.</summary>
    [Range(0, 100_000)]
    public int FinishedMax { get; set; } = 1000;
}

/// <summary>One of a request's sequences left a replica; it went on elsewhere, or the request failed.</summary>
/// <param name="AtMs">Since the request began, in milliseconds.</param>
/// <param name="Replica">The replica that it left.</param>
/// <param name="Reason">Why.</param>
/// <param name="Tokens">Emitted until then.</param>
public sealed record RequestMove(double AtMs, string Replica, string Reason, int Tokens);

/// <summary>One request as an administrator may see it: never its text. Written by its own request, read by pages.</summary>
public sealed class RequestEntry(string id, string endpoint, DateTimeOffset begun)
{
    public const int MovesMax = 100;

    private readonly List<RequestMove> _moves = [];

    public string Id { get; } = id;

    /// <summary>Method and route.</summary>
    public string Endpoint { get; } = endpoint;

    public DateTimeOffset Begun { get; } = begun;

    /// <summary>Id of the key; empty before it is known.</summary>
    public string Key { get; set; } = "";

    /// <summary>Empty until the request is accepted.</summary>
    public string Model { get; set; } = "";

    /// <summary>Hash of the compiled schema; empty without one.</summary>
    public string Schema { get; set; } = "";

    public int PromptTokens { get; set; }

    /// <summary>Of all choices so far.</summary>
    public int Tokens { get; set; }

    /// <summary>Since it began, in milliseconds: accepted (prompt ready, schema compiled), first token, end; null where it has not come so far.</summary>
    public double? AcceptedMs { get; set; }

    /// <inheritdoc cref="AcceptedMs"/>
    public double? FirstTokenMs { get; set; }

    /// <inheritdoc cref="AcceptedMs"/>
    public double? EndedMs { get; set; }

    /// <summary>The latest are left out past <see cref="MovesMax"/>.</summary>
    public IReadOnlyList<RequestMove> Moves
    {
        get { lock (_moves) return [.. _moves]; }
    }

    public void Moved(DateTimeOffset at, string replica, string reason, int tokens)
    {
        lock (_moves)
        {
            if (_moves.Count < MovesMax) _moves.Add(new RequestMove((at - Begun).TotalMilliseconds, replica, reason, tokens));
        }
    }

    public int Status { get; set; }

    /// <summary><c>ok</c>, <c>disconnected</c>, or the error's code; empty while it runs.</summary>
    public string End { get; set; } = "";
}

/// <summary>Requests that run, and the latest that have ended. Bounded.</summary>
public sealed class RequestBook(RequestBookOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, RequestEntry> _running = new(StringComparer.Ordinal);
    private readonly Queue<RequestEntry> _finished = new();

    public void Add(RequestEntry entry)
    {
        lock (_gate) _running[entry.Id] = entry;
    }

    public void Finish(RequestEntry entry)
    {
        lock (_gate)
        {
            if (!_running.Remove(entry.Id)) return;
            _finished.Enqueue(entry);
            while (_finished.Count > options.FinishedMax) _finished.Dequeue();
        }
    }

    /// <summary>The running ones, the oldest first, then the finished ones, the latest first.</summary>
    public (IReadOnlyList<RequestEntry> Running, IReadOnlyList<RequestEntry> Finished) Snapshot()
    {
        lock (_gate) return ([.. _running.Values.OrderBy(entry => entry.Begun)], [.. _finished.Reverse()]);
    }

    public RequestEntry? Find(string id)
    {
        lock (_gate) return _running.GetValueOrDefault(id) ?? _finished.FirstOrDefault(entry => entry.Id == id);
    }
}
