namespace Cluster.OpenAI.Tests;

public class RequestBookTests
{
    private static RequestEntry Entry(int n) => new($"{n:D8}", "POST /v1/chat/completions", DateTimeOffset.UnixEpoch.AddSeconds(n));

    [Theory]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    [InlineData(0, 0)]
    public void Finish_AtAndPastItsBound_KeepsTheLatest(int requests, int kept)
    {
        var book = new RequestBook(new RequestBookOptions { FinishedMax = 3 });
        for (int n = 0; n < requests; n++)
        {
            RequestEntry entry = Entry(n);
            book.Add(entry);
            book.Finish(entry);
            book.Finish(entry);
        }
        var (running, finished) = book.Snapshot();
        Assert.Empty(running);
        Assert.Equal(kept, finished.Count);
        if (kept > 0) Assert.Equal($"{requests - 1:D8}", finished[0].Id);
    }

    [Fact]
    public void Snapshot_RunningRequests_AreThereWhateverTheBound()
    {
        var book = new RequestBook(new RequestBookOptions { FinishedMax = 0 });
        for (int n = 3; n > 0; n--) book.Add(Entry(n));
        Assert.Equal(["00000001", "00000002", "00000003"], book.Snapshot().Running.Select(entry => entry.Id));
        Assert.NotNull(book.Find("00000002"));
        Assert.Null(book.Find("00000009"));
    }
}
