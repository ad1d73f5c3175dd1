using Cluster.Decoding.Models;
using Cluster.Decoding.Tests.Support;
using Cluster.Testing;

namespace Cluster.Decoding.Tests;

public class EngineTests
{
    private static readonly SamplingOptions Sampled = new() { Temperature = 1f, TopP = 0.9f, Seed = 42 };

    [Fact]
    public void Sequence_Free_EndsAtItsBudget()
    {
        Run run = Bench.Alone(Bench.Journal([1, 2, 3], 10), Scripts.Noise(7));
        Assert.Equal(AdmissionOutcome.Admitted, run.Outcome);
        Assert.Equal(FinishReason.Length, run.Finish);
        Assert.Equal(10, run.Tokens.Length);
    }

    [Fact]
    public void Sequence_ThatChoosesTheEnd_StopsWithoutIt()
    {
        Run run = Bench.Alone(Bench.Journal([1, 2, 3], 10), Scripts.Says(3, [65, 66], FakeTokenizer.End));
        Assert.Equal(FinishReason.Stop, run.Finish);
        Assert.Equal([65, 66], run.Tokens);
    }

    [Fact]
    public void StopToken_EndsFreeText_AndIsNotEmitted()
    {
        var sampling = new SamplingOptions { Temperature = 0, StopTokens = [66] };
        Run run = Bench.Alone(Bench.Journal([1], 10, sampling), Scripts.Says(1, [65, 66, 67], FakeTokenizer.End));
        Assert.Equal(FinishReason.Stop, run.Finish);
        Assert.Equal([65], run.Tokens);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(4096)]
    public void Prompt_InChunksOfAnySize_GivesTheSameTokens(int stepTokensMax)
    {
        int[] prompt = [.. Enumerable.Range(0, 100)];
        Run whole = Bench.Alone(Bench.Journal(prompt, 20, Sampled), Scripts.Noise(3));
        Run chunked = Bench.Alone(Bench.Journal(prompt, 20, Sampled), Scripts.Noise(3),
            options: new EngineOptions { StepTokensMax = stepTokensMax });
        Assert.Equal(whole.Tokens, chunked.Tokens);
    }

    [Fact]
    public void Batch_OfMany_GivesEachWhatItGetsAlone()
    {
        LogitsScript script = Scripts.Noise(5);
        using var bench = new Bench(script, new EngineOptions { StepTokensMax = 16 });
        var random = new Random(1);
        var runs = new List<Run>();
        for (int i = 0; i < 40; i++)
        {
            int[] prompt = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(256))];
            SamplingOptions sampling = Sampled with { Seed = (ulong)i, Temperature = i % 3 * 0.7f };
            runs.Add(bench.Submit(Bench.Journal(prompt, random.Next(1, 50), sampling, $"r{i}")));
            if (i % 5 == 0) bench.Step();
        }
        bench.RunUntilIdle();
        foreach (Run run in runs) Assert.Equal(Bench.Alone(run.Journal, script).Tokens, run.Tokens);
        Assert.True(bench.Model.LargestDecode > 1);
    }

    [Fact]
    public void Journal_ResumedAtEveryPosition_GoesOnWithTheExactNextToken()
    {
        LogitsScript script = Scripts.Noise(9);
        for (int request = 0; request < 10; request++)
        {
            SequenceJournal journal = Bench.Journal([5, request, 7], 30,
                Sampled with { Seed = (ulong)request, FrequencyPenalty = request % 2 });
            Run undisturbed = Bench.Alone(journal, script);
            for (int position = 0; position <= undisturbed.Tokens.Length; position++)
            {
                Run resumed = Bench.Alone(journal with { Attempt = 1, EmittedTokens = undisturbed.Tokens[..position] }, script);
                Assert.Equal(undisturbed.Tokens[position..], resumed.Tokens);
                Assert.Equal(undisturbed.Finish, resumed.Finish);
            }
        }
    }

    [Fact]
    public void Cancellation_TakesEffectAtTheNextStep_AndFreesTheSlot()
    {
        using var bench = new Bench(info: FakeModel.SmallInfo(300, slots: 1));
        using var cancellation = new CancellationTokenSource();
        Run first = bench.Submit(Bench.Journal([1, 2], 100), cancellation: cancellation.Token);
        Run second = bench.Submit(Bench.Journal([1, 2], 3));
        Assert.Equal(AdmissionOutcome.Deferred, second.Outcome);
        bench.Step();
        bench.Step();
        cancellation.Cancel();
        bench.Step();
        Assert.Equal(FinishReason.Cancelled, first.Finish);
        Assert.Equal(2, first.Tokens.Length);
        Assert.Single(second.Tokens);
        bench.RunUntilIdle();
        Assert.Equal(FinishReason.Length, second.Finish);
    }

    [Fact]
    public void Step_ThatFailsOnce_IsRepeatedAndNobodyNotices()
    {
        LogitsScript script = Scripts.Noise(2);
        using var bench = new Bench(script);
        bench.Model.OnExecute = (_, run) => { if (run == 3) throw new ModelException("injected"); };
        Run run = bench.Submit(Bench.Journal([1, 2, 3], 10));
        bench.RunUntilIdle();
        Assert.Equal(Bench.Alone(run.Journal, script).Tokens, run.Tokens);
        Assert.Equal(1, bench.Engine.Snapshot.Counters.FailedSteps);
    }

    [Fact]
    public void Step_ThatKeepsFailing_FailsItsSequencesResumablyAndTheEngineGoesOn()
    {
        LogitsScript script = Scripts.Noise(2);
        using var bench = new Bench(script);
        bench.Model.OnExecute = (_, run) => { if (run is 3 or 4) throw new InvalidOperationException("injected"); };
        Run run = bench.Submit(Bench.Journal([1, 2, 3], 10));
        bench.RunUntilIdle();
        Assert.Equal(FinishReason.Failed, run.Finish);
        Assert.Equal(SequenceErrorKind.ModelFailed, run.Error!.Kind);

        Run resumed = bench.Submit(run.Journal with { Attempt = 1, EmittedTokens = run.Tokens });
        bench.RunUntilIdle();
        Assert.Equal(Bench.Alone(run.Journal, script).Tokens, [.. run.Tokens, .. resumed.Tokens]);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Logits_ThatAreNotNumbers_FailTheRightRequestOnly(float broken)
    {
        LogitsScript noise = Scripts.Noise(2);
        using var bench = new Bench((prefix, logits) =>
        {
            noise(prefix, logits);
            if (prefix[0] == 13 && prefix.Length == 5) logits[77] = broken;
        });
        Run good = bench.Submit(Bench.Journal([1, 2, 3], 10)), bad = bench.Submit(Bench.Journal([13, 2, 3], 10));
        bench.RunUntilIdle();
        Assert.Equal(SequenceErrorKind.ModelFailed, bad.Error!.Kind);
        Assert.Equal(2, bad.Tokens.Length);
        Assert.Equal(FinishReason.Length, good.Finish);
    }

    [Fact]
    public void Sink_ThatThrows_CancelsItsOwnSequenceOnly()
    {
        using var bench = new Bench();
        Run good = bench.Submit(Bench.Journal([1, 2, 3], 10));
        bench.Engine.Submit(new SequenceSubmission { Journal = Bench.Journal([4], 10), Sink = _ => throw new InvalidOperationException() });
        bench.RunUntilIdle();
        Assert.Equal(FinishReason.Length, good.Finish);
        Assert.Equal(1, bench.Engine.Snapshot.Counters.CancelledSequences);
    }
}
