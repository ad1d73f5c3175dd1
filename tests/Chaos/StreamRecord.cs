using System.Diagnostics;
using Cluster.Decoding;

namespace Cluster.Chaos;

/// <summary>What a client saw of one stream: which token came when, and when another replica took over.</summary>
public sealed class StreamRecord(SequenceJournal journal) : IStreamOutcome
{
    private readonly List<(long At, int Token)> _tokens = [];
    private readonly List<long> _handOvers = [];
    private readonly Lock _gate = new();

    /// <summary>The journal that the stream began with.</summary>
    public SequenceJournal Journal => journal;

    public bool IsComplete { get; set; }

    public string? Failure { get; set; }

    public int Duplicated { get; private set; }

    public int Missing { get; private set; }

    public int Invalid => 0;

    public bool IsContinued
    {
        get { lock (_gate) return _handOvers.Count > 0; }
    }

    public IReadOnlyList<int> Tokens
    {
        get { lock (_gate) return [.. _tokens.Select(token => token.Token)]; }
    }

    /// <summary>One token arrived.</summary>
    public void Arrived(int position, int token)
    {
        lock (_gate)
        {
            if (position < _tokens.Count) Duplicated++;
            else Missing += position - _tokens.Count;
            _tokens.Add((Stopwatch.GetTimestamp(), token));
        }
    }

    /// <summary>Another replica takes over.</summary>
    public void HandedOver()
    {
        lock (_gate) _handOvers.Add(Stopwatch.GetTimestamp());
    }

    public IReadOnlyList<ClientGap> Gaps()
    {
        lock (_gate)
        {
            return [.. from at in _handOvers
                       let before = _tokens.FindLast(token => token.At <= at).At
                       let after = _tokens.Find(token => token.At > at).At
                       where before > 0 && after > 0
                       select new ClientGap(at, Stopwatch.GetElapsedTime(before, after).TotalMilliseconds, Stopwatch.GetElapsedTime(at, after).TotalMilliseconds)];
        }
    }
}
