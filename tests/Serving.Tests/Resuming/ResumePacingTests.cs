using Cluster.Serving.Resuming;

namespace Cluster.Serving.Tests.Resuming;

public class ResumePacingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void TryBeginMove_AtTheBoundAndOnePast_RefusesTheLastUntilOneEnds(int movesMax)
    {
        var pacing = new ResumePacing(new ResumeOptions { MovesMax = movesMax }, TimeProvider.System);
        for (int n = 0; n < movesMax; n++) Assert.True(pacing.TryBeginMove());
        Assert.False(pacing.TryBeginMove());
        Assert.Equal(movesMax, pacing.Moves);
        pacing.EndMove();
        Assert.True(pacing.TryBeginMove());
    }

    [Fact]
    public void SpendRetry_AtTheBurstAndOnePast_DelaysTheLastToTheRate()
    {
        var pacing = new ResumePacing(new ResumeOptions { RetriesBurst = 3, RetriesPerSecond = 0.1 }, TimeProvider.System);
        for (int n = 0; n < 3; n++) Assert.Equal(TimeSpan.Zero, pacing.SpendRetry());
        Assert.InRange(pacing.SpendRetry().TotalSeconds, 5, 10);
        Assert.InRange(pacing.SpendRetry().TotalSeconds, 15, 20);
    }

    [Fact]
    public async Task BeginTrial_ASecond_WaitsForTheEndOfTheFirst()
    {
        var pacing = new ResumePacing(new ResumeOptions(), TimeProvider.System);
        await pacing.BeginTrialAsync(CancellationToken.None);
        using var leaving = new CancellationTokenSource();
        Task left = pacing.BeginTrialAsync(leaving.Token), second = pacing.BeginTrialAsync(CancellationToken.None);
        Assert.True(pacing.IsTrying);
        Assert.False(second.IsCompleted);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        pacing.EndTrial();
        await second;
        pacing.EndTrial();
        Assert.False(pacing.IsTrying);
    }
}
