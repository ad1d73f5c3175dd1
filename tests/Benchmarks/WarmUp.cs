using System.Diagnostics;
using System.Text.Json;
using Cluster.Grammar;
using Cluster.Tokenization;

namespace Cluster.Benchmarks;

/// <summary>Runs the engine on schemas of its own, so that what is timed later is the engine and not the just-in-time compiler.</summary>
internal static class WarmUp
{
    // A compile is a small part of a walk, and has to be repeated as often to be compiled as well.
    private const int CompilesPerWalk = 8;

    private const int RoundsPerPause = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

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
            for (int i = 0; i < CompilesPerWalk; i++)
            {
                foreach (string schema in schemas)
                {
                    // A key of its own in each round keeps the compiler from finding the grammar of the round before.
                    string text = schema.Replace("ROUND", $"round{round}x{i}", StringComparison.Ordinal);
                    if (GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, text, options)).Grammar is not { } grammar) continue;
                    if (i == 0) RandomWalk.Sample(grammar, vocabulary, random, 120, 0.2, tokens, out _);
                    else GrammarMatcher.Start(grammar, vocabulary).GetMask();
                    if (Stopwatch.GetElapsedTime(start) > 4 * time) return;
                }
            }
            // The compiler takes up the methods that turned out to be hot only when no new ones come.
            if (round % RoundsPerPause == 0) Thread.Sleep(Pause);
        }
    }
}
