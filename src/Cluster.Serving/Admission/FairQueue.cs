using Cluster.Serving.Generation;

namespace Cluster.Serving.Admission;

/// <summary>
/// Who runs next on one busy model: start-time fair queueing. Each owner has a virtual time that advances by the tokens it uses over its
/// weight; the waiting owner that is furthest behind goes next, with its request of the highest class, the oldest first.
/// </summary>
/// <remarks>
/// An owner that was idle starts at the present: it has saved up nothing, and owes nothing. Not thread-safe: see <see cref="FairAdmission"/>.
/// Rejected: a queue a priority class over all owners, in which whoever marks everything as urgent starves the rest.
/// </remarks>
public sealed class FairQueue
{
    private sealed class Owner
    {
        public double Time;
        public int Live;
        public readonly SortedDictionary<(int Class, long Number), Ticket> Waiting = [];
    }

    private readonly Dictionary<string, Owner> _owners = new(StringComparer.Ordinal);
    private readonly int[] _waiting = new int[Enum.GetValues<RequestPriority>().Length];
    private double _now;
    private long _numbers;

    /// <summary>One request in the queue, or running.</summary>
    /// <param name="Of">Whose it is.</param>
    /// <param name="Priority">Class within the owner's share.</param>
    /// <param name="Sequences">Slots it takes.</param>
    /// <param name="Tokens">What it is expected to cost.</param>
    /// <param name="Number">Order of arrival.</param>
    public sealed record Ticket(RequestOwner Of, RequestPriority Priority, int Sequences, double Tokens, long Number)
    {
        /// <summary>Tells the waiting request; set by whoever waits.</summary>
        public Action? OnAdmitted { get; set; }
    }

    public int Waiting { get; private set; }

    /// <summary>Waiting requests of one class, over all owners.</summary>
    public int WaitingOf(RequestPriority priority) => _waiting[SlotOf(priority)];

    /// <summary>Sequences of admitted requests.</summary>
    public int Running { get; private set; }

    public Ticket Enqueue(RequestOwner of, RequestPriority priority, int sequences, double tokens)
    {
        var ticket = new Ticket(of, priority, sequences, tokens, _numbers++);
        if (!_owners.TryGetValue(of.Id, out Owner? owner)) _owners[of.Id] = owner = new Owner { Time = _now };
        if (owner.Live == 0) owner.Time = Math.Max(owner.Time, _now);
        owner.Live++;
        owner.Waiting.Add(KeyOf(ticket), ticket);
        Waiting++;
        _waiting[SlotOf(priority)]++;
        return ticket;
    }

    /// <summary>Admits whoever is next while there is room.</summary>
    /// <param name="capacity">Sequences that may run at once; a request larger than that runs alone.</param>
    public IEnumerable<Ticket> Admit(int capacity)
    {
        while (Waiting > 0)
        {
            Owner next = _owners.Values.Where(owner => owner.Waiting.Count > 0).MinBy(owner => owner.Time)!;
            ((int, long) key, Ticket ticket) = next.Waiting.First();
            if (Running > 0 && Running + ticket.Sequences > capacity) yield break;
            next.Waiting.Remove(key);
            Waiting--;
            _waiting[SlotOf(ticket.Priority)]--;
            Running += ticket.Sequences;
            _now = Math.Max(_now, next.Time);
            next.Time += ticket.Tokens / ticket.Of.Weight;
            yield return ticket;
        }
    }

    /// <summary>The request gave up waiting.</summary>
    /// <returns>False if it had been admitted already.</returns>
    public bool Cancel(Ticket ticket)
    {
        Owner owner = _owners[ticket.Of.Id];
        if (!owner.Waiting.Remove(KeyOf(ticket))) return false;
        Waiting--;
        _waiting[SlotOf(ticket.Priority)]--;
        Leave(ticket, owner);
        return true;
    }

    /// <summary>An admitted request is over.</summary>
    /// <param name="ticket">Which.</param>
    /// <param name="tokens">What it did cost.</param>
    public void Release(Ticket ticket, double tokens)
    {
        Owner owner = _owners[ticket.Of.Id];
        Running -= ticket.Sequences;
        owner.Time += (tokens - ticket.Tokens) / ticket.Of.Weight;
        Leave(ticket, owner);
    }

    private void Leave(Ticket ticket, Owner owner)
    {
        owner.Live--;

        // Whoever is not ahead of the present is as good as new.
        if (owner.Live == 0 && owner.Time <= _now) _owners.Remove(ticket.Of.Id);
    }

    private static int SlotOf(RequestPriority priority) => priority - RequestPriority.Low;

    private static (int, long) KeyOf(Ticket ticket) => (-(int)ticket.Priority, ticket.Number);
}
