using Cluster.Decoding.Models;
using Cluster.Decoding.Tests.Support;
using Cluster.Testing;

namespace Cluster.Decoding.Tests;

public class AdmissionTests
{
    private static readonly ModelInfo Model = FakeModel.SmallInfo(300, slots: 4, contextLength: 100);
    private static readonly EngineOptions Options = new() { WaitingMax = 2, WaitingTokensMax = 500 };

    [Theory]
    [InlineData(60, 40, AdmissionOutcome.Admitted)]
    [InlineData(60, 41, AdmissionOutcome.Unserviceable)]
    public void Decide_AtAndPastTheContext(int tokens, int left, AdmissionOutcome expected)
        => Assert.Equal(expected, Admission.Decide(new Demand(tokens, left, 0), default, Model, Options));

    [Theory]
    [InlineData(70, AdmissionOutcome.Admitted)]
    [InlineData(69, AdmissionOutcome.Unserviceable)]
    public void Decide_AtAndPastASmallerCache(long cacheTokensMax, AdmissionOutcome expected)
        => Assert.Equal(expected,
            Admission.Decide(new Demand(30, 40, 0), default, Model with { CacheTokensMax = cacheTokensMax }, Options));

    [Theory]
    [InlineData(40, AdmissionOutcome.Admitted)]
    [InlineData(41, AdmissionOutcome.BudgetTooSmall)]
    public void Decide_AtAndPastTheSmallestDocument(int toComplete, AdmissionOutcome expected)
        => Assert.Equal(expected, Admission.Decide(new Demand(10, 40, toComplete), default, Model, Options));

    [Theory]
    [InlineData(3, 0, 0, AdmissionOutcome.Admitted)]
    [InlineData(4, 0, 0, AdmissionOutcome.Deferred)]
    [InlineData(3, 1, 10, AdmissionOutcome.Deferred)]
    [InlineData(4, 1, 10, AdmissionOutcome.Deferred)]
    [InlineData(4, 2, 20, AdmissionOutcome.Overloaded)]
    [InlineData(4, 1, 450, AdmissionOutcome.Deferred)]
    [InlineData(4, 1, 451, AdmissionOutcome.Overloaded)]
    public void Decide_AtAndPastTheQueue(int running, int waiting, long waitingTokens, AdmissionOutcome expected)
        => Assert.Equal(expected, Admission.Decide(new Demand(10, 40, 0), new EngineLoad(running, waiting, waitingTokens), Model, Options));

    [Theory]
    [InlineData(0, 4)]
    [InlineData(3, 3)]
    [InlineData(4, 4)]
    [InlineData(5, 4)]
    public void SequencesMax_IsBoundedByTheSlots(int asked, int expected)
        => Assert.Equal(expected, Admission.SequencesMax(Model, new EngineOptions { SequencesMax = asked }));

    [Fact]
    public void Submit_WithAnotherFingerprint_IsRefused()
    {
        using var bench = new Bench(options: new EngineOptions { Fingerprint = "a" });
        Assert.Equal(AdmissionOutcome.FingerprintMismatch, bench.Submit(Bench.Journal([1], 5) with { Fingerprint = "b" }).Outcome);
        Assert.Equal(AdmissionOutcome.Admitted, bench.Submit(Bench.Journal([1], 5) with { Fingerprint = "a" }).Outcome);
        Assert.Equal(1, bench.Engine.Snapshot.Counters.RefusedSubmissions);
    }

    [Fact]
    public void Submit_OfUnknownTokensOrNone_IsRefused()
    {
        using var bench = new Bench();
        Assert.Equal(AdmissionOutcome.FingerprintMismatch, bench.Submit(Bench.Journal([100_000], 5)).Outcome);
        Assert.Equal(AdmissionOutcome.FingerprintMismatch, bench.Submit(Bench.Journal([-1], 5)).Outcome);
        Assert.Equal(AdmissionOutcome.Unserviceable, bench.Submit(Bench.Journal([], 5)).Outcome);
        Assert.Equal(AdmissionOutcome.Unserviceable, bench.Submit(Bench.Journal([1], 0)).Outcome);
    }

    [Fact]
    public void Submit_OfASpentJournal_EndsWithoutARun()
    {
        using var bench = new Bench();
        Run run = bench.Submit(Bench.Journal([1], 2) with { EmittedTokens = [5, 6] });
        bench.RunUntilIdle();
        Assert.Equal(FinishReason.Length, run.Finish);
        Assert.Equal(0, bench.Model.Runs);
    }

    [Fact]
    public void Queue_AtItsBound_Defers_AndOnePast_Refuses()
    {
        using var bench = new Bench(options: new EngineOptions { WaitingMax = 2 }, info: FakeModel.SmallInfo(300, slots: 1));
        Assert.Equal(AdmissionOutcome.Admitted, bench.Submit(Bench.Journal([1], 5)).Outcome);
        bench.Step();
        Assert.Equal(AdmissionOutcome.Deferred, bench.Submit(Bench.Journal([1], 5)).Outcome);
        Assert.Equal(AdmissionOutcome.Deferred, bench.Submit(Bench.Journal([1], 5)).Outcome);
        Run refused = bench.Submit(Bench.Journal([1], 5));
        Assert.Equal(AdmissionOutcome.Overloaded, refused.Outcome);
        bench.RunUntilIdle();
        Assert.Empty(refused.Deltas);
    }
}
