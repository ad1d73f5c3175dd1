using Cluster.Serving.Routing;
using Cluster.Testing;

namespace Cluster.Serving.Tests.Routing;

public class ReplicaBreakersTests
{
    private static readonly BreakerOptions Options = new() { AttemptsMin = 4, FailureRatio = 0.5 };

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public void MayTry_FailuresInARow_OpensAtTheMinimum(int failures, bool mayTry)
    {
        var breakers = new ReplicaBreakers(Options, new ManualTime());
        for (int i = 0; i < failures; i++) breakers.Report("m/0", isHealthy: false);
        Assert.Equal(mayTry, breakers.MayTry("m/0"));
        Assert.True(breakers.MayTry("m/1"));
    }

    [Fact]
    public void MayTry_MostlyHealthy_StaysClosed()
    {
        var breakers = new ReplicaBreakers(Options, new ManualTime());
        for (int i = 0; i < 30; i++) breakers.Report("m/0", isHealthy: i % 3 != 2);
        Assert.True(breakers.MayTry("m/0"));
    }

    [Fact]
    public void MayTry_AfterTheBreak_OneOutcomeDecides()
    {
        var time = new ManualTime();
        var breakers = new ReplicaBreakers(Options, time);
        for (int i = 0; i < 4; i++) breakers.Report("m/0", isHealthy: false);
        time.Advance(Options.BreakDuration + TimeSpan.FromMilliseconds(1));
        Assert.True(breakers.MayTry("m/0"));
        breakers.Report("m/0", isHealthy: false);
        Assert.False(breakers.MayTry("m/0"));
        time.Advance(Options.BreakDuration + TimeSpan.FromMilliseconds(1));
        breakers.Report("m/0", isHealthy: true);
        Assert.True(breakers.MayTry("m/0"));
        breakers.Report("m/0", isHealthy: false);
        Assert.True(breakers.MayTry("m/0"));
    }
}
