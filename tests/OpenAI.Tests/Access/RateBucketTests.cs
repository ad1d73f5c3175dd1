using Cluster.OpenAI.Access;
using Cluster.Testing;

namespace Cluster.OpenAI.Tests.Access;

public class RateBucketTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void TryTake_UpToTheMinutesWorth_IsThereAtOnceAndNotOneMore()
    {
        var bucket = new RateBucket(60, _time);
        for (int n = 0; n < 60; n++) Assert.True(bucket.TryTake(1, out _));
        Assert.False(bucket.TryTake(1, out TimeSpan? wait));
        Assert.Equal(TimeSpan.FromSeconds(1), wait);
    }

    [Fact]
    public void TryTake_AfterTheWaitItNamed_IsThere()
    {
        var bucket = new RateBucket(60, _time);
        Assert.True(bucket.TryTake(60, out _));
        Assert.False(bucket.TryTake(30, out TimeSpan? wait));
        _time.Advance(wait!.Value);
        Assert.True(bucket.TryTake(30, out _));
    }

    [Fact]
    public void TryTake_MoreThanAMinutesWorth_NeverWillBe()
    {
        Assert.False(new RateBucket(60, _time).TryTake(61, out TimeSpan? wait));
        Assert.Null(wait);
    }

    [Fact]
    public void Charge_PastTheLevel_IsOwed()
    {
        var bucket = new RateBucket(60, _time);
        bucket.Charge(90);
        Assert.Equal(0, bucket.State().Remaining);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.False(bucket.TryTake(1, out _));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(bucket.TryTake(1, out _));
    }

    [Fact]
    public void State_WhenIdle_NeverExceedsAMinutesWorth()
    {
        var bucket = new RateBucket(60, _time);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((60, TimeSpan.Zero), bucket.State());
    }

    [Theory]
    [InlineData(0, "0ms")]
    [InlineData(0.12, "120ms")]
    [InlineData(1.5, "1.5s")]
    [InlineData(360, "6m0s")]
    public void Describe_IsOpenAIsSpelling(double seconds, string text) => Assert.Equal(text, RequestLease.Describe(TimeSpan.FromSeconds(seconds)));
}
