using Cluster.Serving.Resuming;
using Cluster.Testing;

namespace Cluster.Serving.Tests.Resuming;

public class SilenceWatchTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Wait_ThatEndsInTime_IsFollowedByTheNext()
    {
        var time = new ManualTime();
        using var watch = new SilenceWatch(time, CancellationToken.None);
        for (int n = 0; n < 10; n++)
        {
            ValueTask wait = watch.WaitAsync(2 * Second);
            time.Advance(1.5 * Second);
            Assert.False(wait.IsCompleted);
            Assert.True(watch.TryArrive());
            await wait;
            Assert.False(watch.TryArrive());
        }
    }

    [Theory]
    [InlineData(1, 60, 2)]
    [InlineData(1, 2, 60)]
    [InlineData(5, 2, 2)]
    public async Task Wait_PastItsBound_Ends_WhateverTheBoundsBefore(int earlier, int earlierBound, int bound)
    {
        var time = new ManualTime();
        using var watch = new SilenceWatch(time, CancellationToken.None);
        for (int n = 0; n < earlier; n++)
        {
            ValueTask inTime = watch.WaitAsync(earlierBound * Second);
            time.Advance(Second);
            Assert.True(watch.TryArrive());
            await inTime;
        }
        ValueTask wait = watch.WaitAsync(bound * Second);
        for (int n = 0; n < (10 * bound) - 1; n++) time.Advance(Second / 10);
        Assert.False(wait.IsCompleted);
        time.Advance(Second / 5);
        await Assert.ThrowsAsync<TimeoutException>(async () => await wait);
        Assert.False(watch.TryArrive());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wait_OfACallerWhoLeaves_EndsAtOnce(bool isBefore)
    {
        using var caller = new CancellationTokenSource();
        using var watch = new SilenceWatch(new ManualTime(), caller.Token);
        if (isBefore) await caller.CancelAsync();
        ValueTask wait = watch.WaitAsync(Second);
        if (!isBefore) await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await wait);
        Assert.False(watch.TryArrive());
    }

    [Fact]
    public void Waits_ThatEndInTime_TakeNoMemory()
    {
        using var watch = new SilenceWatch(TimeProvider.System, CancellationToken.None);
        Wait(watch, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Wait(watch, 1000);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1000, $"{GC.GetAllocatedBytesForCurrentThread() - before} bytes");
    }

    private static void Wait(SilenceWatch watch, int count)
    {
        for (int n = 0; n < count; n++)
        {
            ValueTask wait = watch.WaitAsync(60 * Second);
            watch.TryArrive();
            wait.GetAwaiter().GetResult();
        }
    }
}
