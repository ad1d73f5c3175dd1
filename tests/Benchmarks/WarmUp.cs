using System.Diagnostics;
using System.Text.Json;
using Cluster.Grammar;
using Cluster.Tokenization;

namespace Cluster.Benchmarks;

/// <summary>Runs the engine on schemas of its own, so that what is timed later is the engine and not the just-in-time compiler.</summary>
internal static class WarmUp
{
    public static void Run(Vocabulary vocabulary, GrammarOptions options, TimeSpan time)
    {
        using var stream = typeof(WarmUp).Assembly.GetManifestResourceStream("warmup.json")!;
        using var file = JsonDocument.Parse(stream);
        string[] schemas = [.. file.RootElement.EnumerateArray().Select(schema => schema.GetRawText())];
        var random = new Random(1);
        var tokens = new List<int>();
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < 3 || Stopwatch.GetElapsedTime(start) < time; round++)
        {
            foreach (string schema in schemas)
            {
                // A key of its own in each round keeps the compiler from finding the grammar of the round before.
                string text = schema.Replace("ROUND", $"round{round}", StringComparison.Ordinal);
                if (GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, text, options)).Grammar is not { } grammar) continue;
                RandomWalk.Sample(grammar, vocabulary, random, 120, 0.2, tokens, out _);
                if (Stopwatch.GetElapsedTime(start) > 4 * time) return;
            }
        }
    }
}
