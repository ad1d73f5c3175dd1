using Cluster.Decoding.Models;
using Cluster.Decoding.Tests.Support;
using Cluster.Grammar;
using Cluster.Testing;

namespace Cluster.Decoding.Tests.Steps;

/// <summary>Which forced runs take a chunk: the option decides beside other sequences, and two tokens are enough alone.</summary>
public class ForcedChunkTests
{
    private const string Schema = """
        {"type":"object","properties":{"a":{"type":"boolean"},"longer name":{"type":"boolean"}},"required":["a","longer name"],"additionalProperties":false}
        """;

    [Fact]
    public void Run_AtTheLeastLength_TakesAChunkBesideOthers_AndOneTokenShorterGoesThroughDecode()
    {
        int pending = LongestDecoded(1024);
        Assert.True(pending >= 4, $"a forced run of {pending} tokens is no test");
        Assert.True(TakesChunk(pending, beside: true));
        Assert.False(TakesChunk(pending + 1, beside: true));
    }

    [Fact]
    public void Run_Alone_TakesAChunkWhateverTheOption() => Assert.True(TakesChunk(1024, beside: false));

    /// <summary>Tokens of the longest forced run, the one before it included, where all go through decode.</summary>
    private static int LongestDecoded(int chunkTokensMin)
    {
        int longest = 0, run = 0;
        Observe(chunkTokensMin, beside: true, (batch, slot) =>
        {
            foreach (BatchRow row in batch.Decode)
            {
                if (row.Slot != slot) continue;
                run = row.Logits == LogitsWanted.None ? run + 1 : 0;
                longest = Math.Max(longest, run + 1);
            }
        });
        return longest;
    }

    private static bool TakesChunk(int chunkTokensMin, bool beside)
    {
        bool isTaken = false;
        Observe(chunkTokensMin, beside, (batch, slot) =>
        {
            foreach (BatchRow chunk in batch.Chunks) isTaken |= chunk.Slot == slot && chunk.Past > 3;
        });
        return isTaken;
    }

    /// <summary>Runs a document in slot 0 of two, beside a talker or alone.</summary>
    private static void Observe(int chunkTokensMin, bool beside, Action<ModelBatch, int> look)
    {
        CompiledGrammar grammar = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, Schema, new GrammarOptions())).Grammar!;
        using var bench = new Bench(Scripts.WithoutEnd(Scripts.Noise(1)), new EngineOptions { ForcedChunkTokensMin = chunkTokensMin });
        Run document = bench.Submit(Bench.Journal([1, 2, 3], 200), grammar);
        if (beside) bench.Submit(Bench.Journal([4, 5], 300));
        bool isStarted = false;
        bench.Model.OnExecute = (batch, _) =>
        {
            // The document's prompt takes forced tokens along; what counts comes after it.
            if (isStarted) look(batch, 0);
            isStarted |= document.Deltas.Count > 0 || batch.DecodeCount > 0;
        };
        bench.RunUntilIdle();
        Assert.Equal(FinishReason.Stop, document.Finish);
    }
}
