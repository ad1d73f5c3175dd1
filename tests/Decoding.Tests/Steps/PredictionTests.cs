using System.Collections.Immutable;
using Cluster.Decoding.Models;
using Cluster.Decoding.Steps;
using Cluster.Decoding.Tests.Support;
using Cluster.Grammar;
using Cluster.Testing;

namespace Cluster.Decoding.Tests.Steps;

/// <summary>Outputs that the caller has foretold, rightly or not: the same tokens, in fewer runs where it was right.</summary>
public class PredictionTests
{
    private const string Person = """{"type":"object","properties":{"name":{"type":"string","maxLength":30},"age":{"type":"integer","minimum":0,"maximum":150}},"required":["name","age"],"additionalProperties":false}""";

    private static readonly ModelInfo Info = FakeModel.SmallInfo(300) with { Capabilities = new() { LogitsAtEveryToken = true } };

    public static TheoryData<bool, float, int> Modes => new() { { false, 0f, 1 }, { false, 0.7f, 8 }, { true, 0f, 8 }, { true, 1f, 64 }, { true, 1f, 3 } };

    [Theory]
    [InlineData(new int[0], new int[0], -1)]
    [InlineData(new[] { 5, 6 }, new int[0], 0)]
    [InlineData(new[] { 5, 6, 7 }, new[] { 5 }, 1)]
    [InlineData(new[] { 5, 6, 7 }, new[] { 5, 6 }, 2)]
    [InlineData(new[] { 5, 6, 7 }, new[] { 5, 6, 7 }, -1)]
    [InlineData(new[] { 5, 6, 7, 8 }, new[] { 9, 9, 6, 7 }, 3)]
    [InlineData(new[] { 5, 6, 7, 8 }, new[] { 9, 9, 6 }, -1)]
    [InlineData(new[] { 1, 2, 3, 1, 2, 4 }, new[] { 3, 1, 2 }, 5)]
    [InlineData(new[] { 1, 2, 3, 1, 2, 4 }, new[] { 1, 2 }, 2)]
    public void Find_GoesOnWhereTheOutputAgrees(int[] prediction, int[] output, int expected) => Assert.Equal(expected, PredictionLookup.Find(prediction, output));

    [Theory]
    [MemberData(nameof(Modes))]
    public void Prediction_RightOrEdited_GivesTheSameTokensInFewerRuns(bool isConstrained, float temperature, int predictedTokensMax)
    {
        var options = new EngineOptions { PredictedTokensMax = predictedTokensMax };
        CompiledGrammar? grammar = isConstrained ? GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, Person, new GrammarOptions())).Grammar : null;
        int accepted = 0;
        for (int seed = 0; seed < 10; seed++)
        {
            LogitsScript script = Scripts.Noise((ulong)seed, 8f);
            SequenceJournal journal = Bench.Journal([1, 2, 3], 120, new SamplingOptions { Temperature = temperature, Seed = (ulong)seed });
            Run plain = Run(journal, script, grammar, options, out int plainRuns);
            ImmutableArray<int> edited = plain.Tokens.Length > 6 ? plain.Tokens.SetItem(5, 7).RemoveAt(2) : plain.Tokens;
            foreach (ImmutableArray<int> prediction in new[] { plain.Tokens, edited, [7, 8, 9, 10], [.. plain.Tokens, 300, 5] })
            {
                Run run = Run(journal with { Prediction = prediction }, script, grammar, options, out int runs);
                Assert.Equal(plain.Tokens, run.Tokens);
                Assert.Equal(plain.Finish, run.Finish);
                SequenceWork work = run.Deltas[^1].Work!;
                Assert.InRange(work.AcceptedPredictedTokens, 0, work.PredictedTokens);
                accepted += work.AcceptedPredictedTokens;
                if (prediction == plain.Tokens && work.AcceptedPredictedTokens > 0) Assert.True(runs < plainRuns, $"{runs} of {plainRuns} runs");
            }

            // Another replica goes on with the same prediction.
            Run half = Run(journal with { Attempt = 1, Prediction = plain.Tokens, EmittedTokens = plain.Tokens[..(plain.Tokens.Length / 2)] }, script, grammar, options, out _);
            Assert.Equal(plain.Tokens[(plain.Tokens.Length / 2)..], half.Tokens);
        }
        Assert.True(accepted > 60, $"{accepted} guesses held");
    }

    [Theory]
    [InlineData(0, true, 0)]
    [InlineData(4, false, 0)]
    [InlineData(4, true, 5)]
    public void Predictions_AreCheckedAsManyAtATimeAsTheOptionSays(int predictedTokensMax, bool hasEveryLogits, int widestExpected)
    {
        using var bench = new Bench(Scripts.WithoutEnd(Scripts.Noise(1)), new EngineOptions { PredictedTokensMax = predictedTokensMax }, hasEveryLogits ? Info : FakeModel.SmallInfo(300));
        Run plain = Bench.Alone(Bench.Journal([1], 40), Scripts.WithoutEnd(Scripts.Noise(1)));
        int widest = 0;
        bench.Model.OnExecute = (batch, _) => widest = Math.Max(widest, batch.Tokens.Length);
        Run run = bench.Submit(Bench.Journal([1], 40) with { Prediction = plain.Tokens });
        bench.RunUntilIdle();
        Assert.Equal(plain.Tokens, run.Tokens);
        Assert.Equal(Math.Max(1, widestExpected), widest);
        Assert.Equal(widestExpected > 0, run.Deltas[^1].Work!.PredictedTokens > 0);
    }

    private static Run Run(SequenceJournal journal, LogitsScript script, CompiledGrammar? grammar, EngineOptions options, out int runs)
    {
        using var bench = new Bench(script, options, Info);
        Run run = bench.Submit(journal, grammar);
        bench.RunUntilIdle();
        runs = bench.Model.Runs;
        return run;
    }
}
