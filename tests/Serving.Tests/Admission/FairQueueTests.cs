using Cluster.Serving.Admission;
using Cluster.Serving.Generation;

namespace Cluster.Serving.Tests.Admission;

public class FairQueueTests
{
    private static readonly RequestOwner Flood = new("flood", 1), Quiet = new("quiet", 1), Heavy = new("heavy", 3);

    private readonly FairQueue _queue = new();

    private List<FairQueue.Ticket> Enqueue(RequestOwner owner, int count, double tokens = 100, RequestPriority priority = RequestPriority.Normal)
        => [.. Enumerable.Range(0, count).Select(_ => _queue.Enqueue(owner, priority, 1, tokens))];

    /// <summary>Runs everything one at a time and gives the owners in order.</summary>
    private List<string> Drain()
    {
        var order = new List<string>();
        while (_queue.Admit(1).ToList() is [var ticket])
        {
            order.Add(ticket.Of.Id);
            _queue.Release(ticket, ticket.Tokens);
        }
        return order;
    }

    [Fact]
    public void Admit_FromAnOwnerThatComesLate_GoesBeforeAFloodThatCameEarly()
    {
        Enqueue(Flood, 100);
        FairQueue.Ticket running = _queue.Admit(1).Single();
        Enqueue(Quiet, 2);
        _queue.Release(running, running.Tokens);
        List<string> order = Drain();
        Assert.Contains("quiet", order.Take(2));
        Assert.Equal(2, order.Take(4).Count(one => one == "quiet"));
    }

    [Fact]
    public void WaitingOf_EachClass_FollowsEnqueueAdmitAndCancel()
    {
        List<FairQueue.Ticket> low = Enqueue(Flood, 3, priority: RequestPriority.Low);
        Enqueue(Quiet, 2, priority: RequestPriority.High);
        Assert.Equal((3, 0, 2), Counts());
        Assert.True(_queue.Cancel(low[2]));
        Assert.Equal((2, 0, 2), Counts());
        Drain();
        Assert.Equal((0, 0, 0), Counts());

        (int, int, int) Counts() => (_queue.WaitingOf(RequestPriority.Low), _queue.WaitingOf(RequestPriority.Normal), _queue.WaitingOf(RequestPriority.High));
    }

    [Fact]
    public void Admit_Weights_AreShares()
    {
        Enqueue(Flood, 100);
        Enqueue(Heavy, 100);
        Assert.InRange(Drain().Take(80).Count(one => one == "heavy"), 58, 62);
    }

    [Fact]
    public void Admit_ByTokens_NotByRequests()
    {
        Enqueue(Flood, 100, tokens: 1000);
        Enqueue(Quiet, 100, tokens: 100);
        Assert.InRange(Drain().Take(55).Count(one => one == "quiet"), 48, 52);
    }

    [Fact]
    public void Release_WithTheTrueCost_CorrectsTheShare()
    {
        Enqueue(Flood, 50, tokens: 10);
        Enqueue(Quiet, 50, tokens: 10);
        var order = new List<string>();
        while (_queue.Admit(1).ToList() is [var ticket])
        {
            order.Add(ticket.Of.Id);
            _queue.Release(ticket, ticket.Of == Flood ? 90 : 10);
        }
        Assert.InRange(order.Take(50).Count(one => one == "quiet"), 43, 47);
    }

    [Fact]
    public void Admit_Classes_OrderOnlyTheOwnersOwnRequests()
    {
        Enqueue(Flood, 20, priority: RequestPriority.High);
        FairQueue.Ticket low = Enqueue(Quiet, 1, priority: RequestPriority.Low)[0];
        FairQueue.Ticket high = Enqueue(Quiet, 1, priority: RequestPriority.High)[0];
        var order = new List<FairQueue.Ticket>();
        while (_queue.Admit(1).ToList() is [var ticket])
        {
            order.Add(ticket);
            _queue.Release(ticket, ticket.Tokens);
        }
        Assert.True(order.IndexOf(high) < order.IndexOf(low));
        Assert.True(order.IndexOf(low) < 6, "another owner's urgent requests do not hold it up");
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(3, 3)]
    [InlineData(1, 1)]
    public void Admit_UpToTheCapacity_AndNotOneMore(int capacity, int admitted)
    {
        Enqueue(Flood, 10);
        Assert.Equal(admitted, _queue.Admit(capacity).Count());
        Assert.Equal(10 - admitted, _queue.Waiting);
    }

    [Fact]
    public void Admit_LargerThanTheCapacity_RunsAlone()
    {
        FairQueue.Ticket large = _queue.Enqueue(Flood, RequestPriority.Normal, 8, 1);
        Enqueue(Quiet, 1);
        Assert.Equal(large, Assert.Single(_queue.Admit(4).ToList()));
        _queue.Release(large, 1);
        Assert.Single(_queue.Admit(4).ToList());
    }

    [Fact]
    public void Cancel_WhileWaiting_LeavesNothingBehind()
    {
        FairQueue.Ticket ticket = Enqueue(Flood, 1)[0];
        Assert.True(_queue.Cancel(ticket));
        Assert.Equal((0, 0), (_queue.Waiting, _queue.Running));
        Assert.Empty(_queue.Admit(1).ToList());
        FairQueue.Ticket admitted = Enqueue(Flood, 1)[0];
        Assert.Single(_queue.Admit(1).ToList());
        Assert.False(_queue.Cancel(admitted));
    }
}
