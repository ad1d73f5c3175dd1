using Cluster.Decoding.Models;
using Cluster.Decoding.Tests.Support;
using Cluster.Grammar;
using Cluster.Testing;

namespace Cluster.Decoding.Tests.Steps;

/// <summary>Guesses that follow the grammar: past the end of a value, over the keys after it, into the next value.</summary>
public class DrafterTests
{
    private const string Flags = """
        {"type":"array","minItems":6,"maxItems":9,"items":{"type":"object","properties":{"long name of the first":{"type":"boolean"},
         "kind":{"enum":["Berlin","Bern","Bonn"]},"size":{"type":"integer","minimum":0,"maximum":99},"note":{"type":"string","maxLength":6}},
         "required":["long name of the first","kind","size"],"additionalProperties":false}}
        """;

    private static readonly ModelInfo Info = FakeModel.SmallInfo(300, contextLength: 2048) with { Capabilities = new() { LogitsAtEveryToken = true } };

    public static TheoryData<bool, float, int> Modes
    {
        get
        {
            var modes = new TheoryData<bool, float, int>();
            foreach (bool forcedRuns in (bool[])[true, false])
            {
                foreach (float temperature in (float[])[0f, 0.5f, 1f]) foreach (int drafts in (int[])[1, 3, 12, 64]) modes.Add(forcedRuns, temperature, drafts);
            }
            return modes;
        }
    }

    /// <summary>Whatever holds of the guesses, tokens and end are those of plain decoding, with a wide budget and a narrow one.</summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public void Document_WithGuesses_IsTheSame(bool forcedRuns, float temperature, int drafts)
    {
        CompiledGrammar grammar = Compile(Flags);
        long accepted = 0;
        for (int seed = 0; seed < 6; seed++)
        {
            LogitsScript script = Scripts.Markov((ulong)seed, order: 2, spread: 6f);
            int tokensMax = seed % 2 == 0 ? 600 : 330;
            SequenceJournal journal = Bench.Journal([1, 2, 3], tokensMax, new SamplingOptions { Temperature = temperature, Seed = (ulong)seed });
            using Bench plain = new(script, new EngineOptions { ForcedRuns = forcedRuns }, Info);
            using Bench guessed = new(script, new EngineOptions { ForcedRuns = forcedRuns, DraftTokensMax = drafts }, Info);
            Run expected = plain.Submit(journal, grammar), run = guessed.Submit(journal, grammar);
            plain.RunUntilIdle();
            guessed.RunUntilIdle();
            Assert.Equal(expected.Tokens, run.Tokens);
            Assert.Equal(expected.Finish, run.Finish);
            Assert.True(expected.Finish is FinishReason.Stop or FinishReason.ForceClosed, $"{expected.Finish} {expected.Error}");
            EngineCounters counters = guessed.Engine.Snapshot.Counters;
            Assert.Equal(plain.Engine.Snapshot.Counters.ForcedTokens, counters.ForcedTokens);
            Assert.Equal(expected.Tokens.Length, counters.EmittedTokens);
            accepted += counters.AcceptedDraftTokens;
        }
        Assert.True(accepted > 50, $"{accepted} guesses held");
    }

    /// <summary>An array of like objects is a handful of runs: each one crosses values and forced keys.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Guesses_CrossForcedRuns(bool forcedRuns)
    {
        var tokenizer = new FakeTokenizer();
        string item = """{"long name of the first":true,"kind":"Berlin","size":7}""";
        int[] text = tokenizer.Encode($"[{string.Join(',', Enumerable.Repeat(item, 8))}]", parseSpecial: false);
        LogitsScript script = Scripts.Says(3, text, FakeTokenizer.End);
        SequenceJournal journal = Bench.Journal([1, 2, 3], 600);
        using Bench plain = new(script, new EngineOptions { ForcedRuns = forcedRuns }, Info);
        using Bench guessed = new(script, new EngineOptions { ForcedRuns = forcedRuns, DraftTokensMax = 64 }, Info);
        Run expected = plain.Submit(journal, Compile(Flags)), run = guessed.Submit(journal, Compile(Flags));
        plain.RunUntilIdle();
        guessed.RunUntilIdle();
        Assert.Equal(text, expected.Tokens);
        Assert.Equal(text, run.Tokens);
        Assert.True(guessed.Model.Runs * 2 < plain.Model.Runs, $"{guessed.Model.Runs} runs, {plain.Model.Runs} without guesses");
    }

    /// <summary>Nothing was said before and no two tokens repeat: what holds can only come from the grammar.</summary>
    [Fact]
    public void Guess_WithoutAnythingSeen_ComesFromTheGrammar()
    {
        using var bench = new Bench(Scripts.Says(1, new FakeTokenizer().Encode("""{"a":true}""", false), FakeTokenizer.End),
            new EngineOptions { ForcedRuns = false, DraftTokensMax = 16 }, Info);
        Run run = bench.Submit(Bench.Journal([1], 100), Compile("""{"type":"object","properties":{"a":{"const":true}},"required":["a"],"additionalProperties":false}"""));
        bench.RunUntilIdle();
        Assert.Equal(FinishReason.Stop, run.Finish);
        Assert.True(bench.Engine.Snapshot.Counters.AcceptedDraftTokens > 0);
        Assert.True(bench.Model.Runs < run.Tokens.Length, $"{bench.Model.Runs} runs for {run.Tokens.Length} tokens");
    }

    [Fact]
    public void Guesses_AreForASequenceAlone()
    {
        using var bench = new Bench(Scripts.Markov(1, 1, 40f), new EngineOptions { DraftTokensMax = 8 }, Info);
        bench.Submit(Bench.Journal([1, 2, 3], 60));
        bench.Submit(Bench.Journal([1, 2, 4], 60));
        while (bench.Engine.Snapshot.RunningSequences + bench.Engine.Snapshot.WaitingSequences == 2) bench.Step();
        Assert.Equal(0, bench.Engine.Snapshot.Counters.DraftedTokens);
    }

    private static CompiledGrammar Compile(string schema)
        => GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, schema, new GrammarOptions { Whitespace = Whitespace.Compact })).Grammar!;
}
