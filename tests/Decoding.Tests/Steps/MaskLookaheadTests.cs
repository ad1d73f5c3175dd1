using System.Diagnostics.Metrics;
using Cluster.Decoding.Steps;
using Cluster.Decoding.Tests.Support;
using Cluster.Grammar;
using Cluster.Testing;

namespace Cluster.Decoding.Tests.Steps;

public class MaskLookaheadTests
{
    private const string Schema =
        """{"type":"object","properties":{"kind":{"enum":["red","blue","green"]},"name":{"type":"string"}},"required":["kind","name"],"additionalProperties":false}""";

    [Fact]
    public void Run_VisitsAtMostTheBound_AndNothingAtZero()
    {
        GrammarMatcher matcher = GrammarMatcher.Start(Compile(), new FakeTokenizer().Vocabulary);
        foreach (byte value in "{\"kind\":\""u8) Assert.True(matcher.TryAdvance(value, out matcher));
        foreach (int bound in new[] { 0, 1, 2, 64 })
        {
            var lookahead = new MaskLookahead(new FakeTokenizer().Vocabulary, bound);
            lookahead.Add(matcher, matcher.GetMask(), 100);
            lookahead.Run(() => true);
            Assert.Equal(Math.Min(bound, matcher.GetMask().Ids.Length), lookahead.Count);
        }
    }

    [Fact]
    public void Run_WithinAString_VisitsItsEnds()
    {
        GrammarMatcher matcher = GrammarMatcher.Start(Compile(), new FakeTokenizer().Vocabulary);
        foreach (byte value in "{\"kind\":\"red\",\"name\":\"x"u8) Assert.True(matcher.TryAdvance(value, out matcher));
        Assert.True(matcher.GetMask().Ids.Length > 64 || !matcher.GetMask().IsList);
        var lookahead = new MaskLookahead(new FakeTokenizer().Vocabulary, 64);
        lookahead.Add(matcher, matcher.GetMask(), 100);
        lookahead.Run(() => true);
        Assert.InRange(lookahead.Count, 1, 9);
    }

    [Fact]
    public void Run_StopsWhenTheDeviceIsDone()
    {
        GrammarMatcher matcher = GrammarMatcher.Start(Compile(), new FakeTokenizer().Vocabulary);
        var lookahead = new MaskLookahead(new FakeTokenizer().Vocabulary, 64);
        lookahead.Add(matcher, matcher.GetMask(), 100);
        lookahead.Run(() => false);
        lookahead.Run(() => true);
        Assert.Equal(0, lookahead.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void Document_WithAndWithoutLookahead_IsTheSame(int statesMax)
    {
        string id = $"lookahead-{Guid.NewGuid()}";
        long ahead = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "cluster.engine.masks.ahead" && instrument.Meter.Tags!.Contains(new("model", id))) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref ahead, value));
        listener.Start();
        var tokenizer = new FakeTokenizer();
        var model = new FakeModel(FakeModel.SmallInfo(tokenizer.Vocabulary.Size) with { Id = id }, Scripts.Noise(3));

        // A device that takes its time, so that there is some left to look ahead.
        model.OnExecute = (_, _) => Thread.Sleep(2);
        using var engine = new Engine(model, tokenizer, new EngineOptions { LookaheadStatesMax = statesMax, ForcedRuns = false }, TimeProvider.System, null,
            EngineDrive.ByHandWithMaskThread);
        var journal = Bench.Journal([1, 2, 3], 60, new SamplingOptions { Seed = 5 });
        var run = new Run(journal);
        engine.Submit(new SequenceSubmission { Journal = journal, Grammar = Compile(), Sink = run.Add });
        while (engine.HasWork) engine.Step();
        Run alone = Bench.Alone(journal, Scripts.Noise(3), Compile(), new EngineOptions { ForcedRuns = false });
        Assert.Equal(alone.Tokens, run.Tokens);
        Assert.Equal(statesMax > 0, ahead > 0);
    }

    private static CompiledGrammar Compile() => GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, Schema, new GrammarOptions())).Grammar!;
}
