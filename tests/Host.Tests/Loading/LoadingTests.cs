using Cluster.Host.Loading;

namespace Cluster.Host.Tests.Loading;

public class LoadingTests
{
    [Fact]
    public void Plan_Reading_TellsShareAndTime()
    {
        var plan = new LoadingPlan();
        int read = plan.Add("reading a", 1000, isOpaque: false);
        Assert.Equal((0.0, null, ""), plan.At(0));
        plan.Begin(read, 0);
        plan.Advance(read, 250);
        Assert.Equal((0.25, 3.0, "reading a"), plan.At(1));
    }

    [Fact]
    public void Plan_AnOpening_GrowsWithTimeAtTheSpeedOfWhatWasOpened_AndNeverEndsByItself()
    {
        var plan = new LoadingPlan();
        int first = plan.Add("loading a/0", 1000, isOpaque: true);
        int second = plan.Add("loading b/0", 3000, isOpaque: true);
        plan.Begin(first, 0);
        Assert.Equal(0, plan.At(1).Share); // Nothing is known yet.
        plan.End(first, 2);
        plan.Begin(second, 2);
        (double share, double? left, string name) = plan.At(5);
        Assert.Equal("loading b/0", name);
        Assert.Equal((1000 + 1500) / 4000.0, share, 6);
        Assert.Equal(3, left!.Value, 6);
        Assert.Equal((1000 + (3000 * 0.95)) / 4000.0, plan.At(60).Share, 6);
        plan.End(second, 61);
        Assert.Equal((1.0, 0.0, ""), plan.At(61));
    }

    [Fact]
    public void Bar_IsAsWideAtEachShare()
    {
        Assert.Equal("[------------------------]   0 %  reading a", LoadingProgress.BarOf(0, null, "reading a"));
        Assert.Equal("[########----------------]  33 %  reading a, about 12 s left", LoadingProgress.BarOf(0.339, 11.2, "reading a"));
        Assert.Equal("[########################] 100 %  reading a, about 4 min left", LoadingProgress.BarOf(1, 200, "reading a"));
    }

    [Fact]
    public async Task Progress_ElsewhereThanOnATerminal_IsPlainLines()
    {
        var output = new StringWriter { NewLine = "\n" };
        using (var progress = new LoadingProgress(output, isTerminal: false, TimeProvider.System))
        {
            int job = progress.Plan("loading a", 10, isOpaque: true);
            Assert.Equal(7, await progress.RunAsync(job, (_, _) => "loaded a", async advance =>
            {
                await Task.Yield();
                advance(10);
                return 7;
            }));
        }
        Assert.Equal("loaded a\n", output.ToString());
    }

    [Fact]
    public async Task Progress_OnATerminal_RedrawsItsLineAndClearsIt()
    {
        var drawn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new Watched(drawn);
        using (var progress = new LoadingProgress(output, isTerminal: true, TimeProvider.System))
        {
            int job = progress.Plan("reading a", 10, isOpaque: false);
            await progress.RunAsync(job, (_, _) => "read a", async advance =>
            {
                advance(5);
                await drawn.Task.WaitAsync(TimeSpan.FromSeconds(60));
                return 0;
            });
        }
        string text = output.ToString();
        Assert.Contains("\r\u001b[2K[############------------]  50 %  reading a", text, StringComparison.Ordinal);
        Assert.EndsWith($"\r\u001b[2Kread a{Environment.NewLine}\r\u001b[2K", text, StringComparison.Ordinal);
    }

    private sealed class Watched(TaskCompletionSource drawn) : StringWriter
    {
        public override void Write(string? value)
        {
            base.Write(value);
            if (value?.Contains('%', StringComparison.Ordinal) == true) drawn.TrySetResult();
        }
    }
}
