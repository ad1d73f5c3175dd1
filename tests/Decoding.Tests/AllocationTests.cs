using Cluster.Decoding.Models;
using Cluster.Decoding.Tests.Support;
using Cluster.Grammar;
using Cluster.Testing;

namespace Cluster.Decoding.Tests;

public class AllocationTests
{
    /// <summary>The delta that a sink receives is one object; nothing else is allocated.</summary>
    private const int BytesPerTokenMax = 112;

    [Theory]
    [InlineData(0f)]
    [InlineData(0.8f)]
    public void Step_Warm_AllocatesTheDeltaAndNothingElse(float temperature)
    {
        using var bench = new Bench(Scripts.WithoutEnd(Scripts.Noise(1)), info: FakeModel.SmallInfo(300, slots: 8, contextLength: 2048));
        long tokens = 0;
        for (int i = 0; i < 8; i++)
        {
            var sampling = new SamplingOptions { Temperature = temperature, TopP = 0.9f, Seed = (ulong)i };
            bench.Engine.Submit(
                new SequenceSubmission { Journal = Bench.Journal([1, 2, i], 2000, sampling), Sink = delta => tokens += delta.Tokens.Length });
        }
        for (int i = 0; i < 600; i++) bench.Engine.Step();
        tokens = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++) bench.Engine.Step();
        long perToken = (GC.GetAllocatedBytesForCurrentThread() - before) / tokens;
        TestContext.Current.SendDiagnosticMessage($"{perToken} bytes per token");
        Assert.True(perToken <= BytesPerTokenMax, $"{perToken} bytes per token");
    }

    /// <summary>Under a schema whose places have all been seen: the delta, what the constraint did, and what the sequences themselves cost, spread
    /// over their tokens.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Step_UnderAKnownSchema_AllocatesLittleMore(bool measuresPressure)
    {
        const int ConstrainedBytesMax = 200;
        string fields = string.Join(',', Enumerable.Range(0, 8).Select(i => $"\"f{i}\":{{\"type\":\"string\",\"maxLength\":60}}"));
        string names = string.Join(',', Enumerable.Range(0, 8).Select(i => $"\"f{i}\""));
        CompiledGrammar grammar = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema,
            $$"""{"type":"object","properties":{{{fields}}},"required":[{{names}}],"additionalProperties":false}""", new GrammarOptions())).Grammar!;
        Assert.NotNull(grammar);
        using var bench = new Bench(Scripts.WithoutEnd(Scripts.Noise(1)), new EngineOptions { ForcedRuns = false, MeasuresPressure = measuresPressure },
            FakeModel.SmallInfo(300, slots: 8, contextLength: 1024));
        long tokens = 0;
        int submitted = 0;
        for (int i = 0; i < 8; i++) Submit();
        for (int i = 0; i < 3000; i++) bench.Engine.Step();
        tokens = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 500; i++) bench.Engine.Step();
        long perToken = (GC.GetAllocatedBytesForCurrentThread() - before) / tokens;
        Assert.True(perToken <= ConstrainedBytesMax, $"{perToken} bytes per token");

        void Submit()
        {
            bench.Engine.Submit(new SequenceSubmission
            {
                Journal = Bench.Journal([1, 2, ++submitted % 200], 900, new SamplingOptions { Temperature = 1, Seed = (ulong)submitted }), Grammar = grammar,
                Sink = delta =>
                {
                    tokens += delta.Tokens.Length;
                    if (delta.Finish is not null) Submit();
                },
            });
        }
    }
}
