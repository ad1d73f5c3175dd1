using System.Text.Json;
using Cluster.Decoding.Models;
using Cluster.Decoding.Tests.Support;
using Cluster.Grammar;
using Cluster.Testing;
using Cluster.Tokenization;

namespace Cluster.Decoding.Tests;

/// <summary>Sequences under a grammar: every document valid, forced or not, resumed or not, however small its budget.</summary>
public class ConstrainedTests
{
    private const string Person =
        """
        {"type":"object","properties":{"name":{"type":"string","maxLength":12},"city":{"enum":["Berlin","Bern"]},"age":{"type":"integer","minimum":0,"maximum":150}},
         "required":["name","city","age"],"additionalProperties":false}
        """;

    private static readonly EngineOptions Plain = new() { ForcedRuns = false };
    private static readonly GrammarSpec PersonSpec =
        new(GrammarKind.JsonSchema, Person, new GrammarOptions { Whitespace = Whitespace.Compact });

    public static TheoryData<bool, float> Modes => new() { { true, 0f }, { false, 0f }, { true, 1f }, { false, 1f } };

    [Theory]
    [MemberData(nameof(Modes))]
    public void Document_OfAnySeed_IsValid(bool forcedRuns, float temperature)
    {
        for (int seed = 0; seed < 25; seed++)
        {
            Run run = Bench.Alone(Journal(seed, 200, temperature), Scripts.Noise((ulong)seed), Compile(PersonSpec),
                new EngineOptions { ForcedRuns = forcedRuns });
            Assert.Equal(FinishReason.Stop, run.Finish);
            AssertIsPerson(Text(run));
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Journal_ResumedAtEveryPosition_GoesOnWithTheExactNextToken(bool forcedRuns, float temperature)
    {
        var options = new EngineOptions { ForcedRuns = forcedRuns };
        for (int seed = 0; seed < 8; seed++)
        {
            LogitsScript script = Scripts.Noise((ulong)seed);
            SequenceJournal journal = Journal(seed, 60, temperature);
            Run whole = Bench.Alone(journal, script, Compile(PersonSpec), options);
            foreach (int position in Enumerable.Range(0, whole.Tokens.Length + 1))
            {
                Run resumed = Bench.Alone(journal with { Attempt = 1, EmittedTokens = whole.Tokens[..position] }, script,
                    Compile(PersonSpec), options);
                Assert.Equal(whole.Tokens[position..], resumed.Tokens);
                Assert.Equal(whole.Finish, resumed.Finish);
            }
        }
    }

    [Fact]
    public async Task Document_WhoseTablesOutgrowTheirBound_IsTheSame()
    {
        var spec = new GrammarSpec(GrammarKind.JsonSchema, """{"type":"array","items":{"type":"integer"},"minItems":80,"uniqueItems":true}""", new GrammarOptions());
        using var cache = new GrammarCache(new GrammarCacheOptions { GrammarBytesMax = 64 << 10 });
        for (int seed = 0; seed < 5; seed++)
        {
            CompiledGrammar bounded = (await cache.GetAsync(spec, false, CancellationToken.None)).Grammar!;
            LogitsScript script = Scripts.Noise((ulong)seed);
            Run run = Bench.Alone(Journal(seed, 300, 1f), script, bounded);
            Assert.Equal(Bench.Alone(Journal(seed, 300, 1f), script, Compile(spec)).Tokens, run.Tokens);
        }
        Assert.True(cache.Snapshot().Renewals > 5, $"{cache.Snapshot().Renewals} renewals: not within a text");
    }

    [Fact]
    public void ForcedRuns_WriteWhatTheModelWouldHaveWritten_InFewerSteps()
    {
        var tokenizer = new FakeTokenizer();
        int[] text = tokenizer.Encode("""{"name":"Jane","city":"Berlin","age":34}""", false);
        LogitsScript script = Scripts.Says(3, text, FakeTokenizer.End);
        using Bench forced = new(script), plain = new(script, Plain);
        Run quick = forced.Submit(Journal(0, 100, 0f), Compile(PersonSpec)), slow = plain.Submit(Journal(0, 100, 0f), Compile(PersonSpec));
        forced.RunUntilIdle();
        plain.RunUntilIdle();
        Assert.Equal(text, quick.Tokens);
        Assert.Equal(text, slow.Tokens);
        Assert.True(forced.Engine.Snapshot.Counters.ForcedTokens > 0);
        Assert.True(forced.Model.Runs < plain.Model.Runs);
    }

    [Fact]
    public void Document_ThatIsForcedWhole_NeedsNoModelRun()
    {
        var spec = new GrammarSpec(GrammarKind.JsonSchema, """{"const":{"name":"Jane"}}""",
            new GrammarOptions { Whitespace = Whitespace.Compact });
        using var bench = new Bench();
        Run run = bench.Submit(Journal(0, 50, 0f), Compile(spec));
        bench.RunUntilIdle();
        Assert.Equal("""{"name":"Jane"}""", Text(run));
        Assert.Equal(FinishReason.Stop, run.Finish);
        Assert.Equal(0, bench.Model.Runs);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Budget_OfAnySize_ClosesTheDocument_OrIsRefusedAtOnce(bool forcedRuns, float temperature)
    {
        CompiledGrammar grammar = Compile(PersonSpec);
        int least = GrammarMatcher.Start(grammar, new FakeTokenizer().Vocabulary).TokensToComplete;
        var reasons = new HashSet<FinishReason>();
        for (int budget = least - 1; budget < least + 30; budget++)
        {
            using var bench = new Bench(Scripts.Noise((ulong)budget), new EngineOptions { ForcedRuns = forcedRuns });
            Run run = bench.Submit(Journal(budget, budget, temperature), grammar);
            if (budget < least)
            {
                Assert.Equal(AdmissionOutcome.BudgetTooSmall, run.Outcome);
                continue;
            }
            bench.RunUntilIdle();
            AssertIsPerson(Text(run));
            Assert.True(run.Tokens.Length <= budget);
            Assert.Equal(run.Finish == FinishReason.ForceClosed, run.Deltas.Any(delta => delta.BudgetNarrowed));
            reasons.Add(run.Finish!.Value);
        }
        Assert.Contains(FinishReason.ForceClosed, reasons);
        Assert.Equal(FinishReason.Stop, Bench.Alone(Journal(1, 400, temperature), Scripts.Noise(1), grammar).Finish);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Constraint_OfEachToken_IsForcedOrHasThePressureOfItsMask(bool forcedRuns, float temperature)
    {
        var options = new EngineOptions { ForcedRuns = forcedRuns };
        CompiledGrammar grammar = Compile(PersonSpec);
        for (int seed = 0; seed < 10; seed++)
        {
            LogitsScript script = Scripts.Noise((ulong)seed);
            SequenceJournal journal = Journal(seed, 60, temperature);
            Run run = Bench.Alone(journal, script, grammar, options);
            ConstraintWork work = Sum(run);
            Assert.Equal(run.Tokens.Length, work.ForcedTokens + work.Choices);
            Assert.Equal(!forcedRuns, work.ForcedTokens == 0);
            Assert.True(work.MaskTime > TimeSpan.Zero);
            if (!forcedRuns) AssertPressures(work, journal, run, script, GrammarMatcher.Start(grammar, new FakeTokenizer().Vocabulary));

            // Wherever another replica goes on, both parts together are the whole.
            int half = run.Deltas[run.Deltas.Count / 2].Position;
            Run rest = Bench.Alone(journal with { Attempt = 1, EmittedTokens = run.Tokens[..half] }, script, grammar, options);
            ConstraintWork both = Sum(run, delta => delta.Position < half).Plus(Sum(rest));
            Assert.Equal((work.ForcedTokens, work.Choices), (both.ForcedTokens, both.Choices));
            Assert.Equal(work.PressureSum, both.PressureSum, 9);
        }
    }

    [Fact]
    public void Constraint_UnmeasuredOrAbsent_HasNoPressure()
    {
        Run run = Bench.Alone(Journal(1, 60, 0f), Scripts.Noise(1), Compile(PersonSpec), new EngineOptions { MeasuresPressure = false });
        Assert.Equal((0, null), (Sum(run).Choices, Sum(run).PressureMean));
        Assert.All(Bench.Alone(Journal(1, 20, 0f), Scripts.Noise(1)).Deltas, delta => Assert.Null(delta.Constraint));
    }

    private static ConstraintWork Sum(Run run, Func<SequenceDelta, bool>? isCounted = null)
        => run.Deltas.Where(isCounted ?? (_ => true)).Aggregate(ConstraintWork.None, (sum, delta) => sum.Plus(delta.Constraint!.Value));

    private static void AssertPressures(ConstraintWork work, SequenceJournal journal, Run run, LogitsScript script, GrammarMatcher matcher)
    {
        double sum = 0, largest = 0;
        float[] logits = new float[new FakeTokenizer().Vocabulary.Size];
        for (int i = 0; i < run.Tokens.Length; i++)
        {
            script([.. journal.PromptTokens, .. run.Tokens[..i]], logits);
            var mask = matcher.GetMask(journal.TokensMax - i);
            double allowed = Enumerable.Range(0, logits.Length).Where(id => mask.Allows(id)).Sum(id => Math.Exp(logits[id]));
            double pressure = 1 - (allowed / logits.Sum(logit => Math.Exp(logit)));
            (sum, largest) = (sum + pressure, Math.Max(largest, pressure));
            Assert.True(matcher.TryAdvance(run.Tokens[i], out matcher));
        }
        Assert.Equal(sum, work.PressureSum, 4);
        Assert.Equal(largest, work.PressureMax, 5);
        Assert.Equal(sum / run.Tokens.Length, work.PressureMean!.Value, 5);
    }

    [Fact]
    public void Narrowing_BeforeAResume_IsRemembered()
    {
        Run run = Bench.Alone(Journal(1, 400, 0f) with { BudgetNarrowed = true }, Scripts.Noise(1), Compile(PersonSpec));
        Assert.Equal(FinishReason.ForceClosed, run.Finish);
    }

    [Fact]
    public void Logprobs_AskedFor_CoverEveryToken_SoNothingIsForced()
    {
        SequenceJournal journal = Journal(1, 100, 0f);
        journal = journal with { Sampling = journal.Sampling with { TopLogprobs = 2 } };
        using var bench = new Bench();
        Run run = bench.Submit(journal, Compile(PersonSpec));
        bench.RunUntilIdle();
        Assert.Equal(run.Tokens, run.Deltas.SelectMany(delta => delta.Logprobs).Select(one => one.Token));
        Assert.Equal(0, bench.Engine.Snapshot.Counters.ForcedTokens);
    }

    [Fact]
    public void Batch_OfFreeAndConstrained_GivesEachWhatItGetsAlone()
    {
        LogitsScript script = Scripts.Noise(11);
        CompiledGrammar grammar = Compile(PersonSpec);
        using var bench = new Bench(script, new EngineOptions { StepTokensMax = 24, ForcedChunkTokensMin = 2 });
        var runs = new List<(Run Run, CompiledGrammar? Grammar)>();
        for (int i = 0; i < 30; i++)
        {
            CompiledGrammar? constraint = i % 2 == 0 ? grammar : null;
            runs.Add((bench.Submit(Journal(i, 80, i % 3 * 0.5f), constraint), constraint));
            if (i % 4 == 0) bench.Step();
        }
        bench.RunUntilIdle();
        foreach (var (run, constraint) in runs) Assert.Equal(Bench.Alone(run.Journal, script, constraint).Tokens, run.Tokens);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public void Speculation_UnderAGrammar_GivesTheSameTokens(float temperature)
    {
        var info = FakeModel.SmallInfo(new FakeTokenizer().Vocabulary.Size) with { Capabilities = new() { LogitsAtEveryToken = true } };
        var spec = new GrammarSpec(GrammarKind.JsonSchema, """{"type":"array","items":{"enum":["name","city","age"]},"maxItems":40}""",
            new GrammarOptions());
        long accepted = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            LogitsScript script = Scripts.Markov((ulong)seed, order: 1, spread: 40f);
            using var bench = new Bench(script, new EngineOptions { DraftTokensMax = 6 }, info);
            Run run = bench.Submit(Journal(seed, 150, temperature), Compile(spec));
            bench.RunUntilIdle();
            Run plain = Bench.Alone(run.Journal, script, Compile(spec));
            Assert.Equal(plain.Tokens, run.Tokens);
            Assert.Equal(plain.Finish, run.Finish);
            accepted += bench.Engine.Snapshot.Counters.AcceptedDraftTokens;
        }
        Assert.True(accepted > 0);
    }

    [Fact]
    public void Tokenizer_ThatThrows_FailsItsOwnSequenceOnly()
    {
        var tokenizer = new BrokenTokenizer { IsBroken = true };
        using var bench = new Bench(Scripts.WithoutEnd(Scripts.Noise(1)), tokenizer: tokenizer);
        Run atBegin = bench.Submit(Journal(0, 100, 0f), Compile(PersonSpec)), free = bench.Submit(Journal(1, 30, 0f));
        bench.Step();
        Assert.Equal(SequenceErrorKind.Internal, atBegin.Error!.Kind);
        tokenizer.IsBroken = false;
        Run later = bench.Submit(Journal(2, 100, 0f), Compile(PersonSpec));
        while (later.Deltas.Count < 3) bench.Step();
        tokenizer.IsBroken = true;
        bench.RunUntilIdle();
        Assert.Equal(SequenceErrorKind.Internal, later.Error!.Kind);
        Assert.Equal(FinishReason.Length, free.Finish);
    }

    [Fact]
    public void Journal_WhoseTokensDoNotFitItsGrammar_IsRefused()
    {
        using var bench = new Bench();
        Run run = bench.Submit(Journal(0, 100, 0f) with { EmittedTokens = [(int)'x'] }, Compile(PersonSpec));
        Assert.Equal(AdmissionOutcome.FingerprintMismatch, run.Outcome);
    }

    [Fact]
    public void Journal_WithAGrammarNotCompiled_IsTheCallersMistake()
    {
        using var bench = new Bench();
        Assert.Throws<ArgumentException>(() => bench.Submit(Journal(0, 100, 0f) with { Grammar = PersonSpec }));
    }

    private static CompiledGrammar Compile(GrammarSpec spec) => GrammarCompiler.Compile(spec).Grammar!;

    private static SequenceJournal Journal(int seed, int tokensMax, float temperature)
        => Bench.Journal([1, 2, 3], tokensMax, new SamplingOptions { Temperature = temperature, Seed = (ulong)seed });

    private static string Text(Run run) => new FakeTokenizer().Decode(run.Tokens.AsSpan());

    private sealed class BrokenTokenizer : ITokenizer
    {
        private readonly FakeTokenizer _inner = new();

        public bool IsBroken { get; set; }

        public Vocabulary Vocabulary => _inner.Vocabulary;

        public int[] Encode(string text, bool parseSpecial)
            => IsBroken ? throw new InvalidOperationException("injected") : _inner.Encode(text, parseSpecial);

        public string Decode(ReadOnlySpan<int> ids) => _inner.Decode(ids);
    }

    private static void AssertIsPerson(string text)
    {
        using var document = JsonDocument.Parse(text);
        Assert.Equal(["name", "city", "age"], document.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Contains(document.RootElement.GetProperty("city").GetString(), (string[])["Berlin", "Bern"]);
        Assert.InRange(document.RootElement.GetProperty("age").GetInt32(), 0, 150);
    }
}
