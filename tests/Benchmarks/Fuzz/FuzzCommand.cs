using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Cluster.Benchmarks.Sample;
using Cluster.Grammar;
using Cluster.Grammar.Validation;
using Cluster.Tokenization;

namespace Cluster.Benchmarks.Fuzz;

/// <summary>
/// <c>fuzz</c>: mutated schemas into Compile, GetMask and TryAdvance. None may throw, take long, or end in a document that does not
/// validate. A case is given by its seed, and runs again with <c>--seed</c>.
/// </summary>
internal static class FuzzCommand
{
    // For the schema, and for each token decoded near the end of its budget, where every byte is weighed by itself: long documents are not slow.
    private static readonly TimeSpan SlowLimit = TimeSpan.FromSeconds(1), SlowTokenLimit = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(30), WatchPeriod = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var minutes = new Option<double>("--minutes") { DefaultValueFactory = _ => 10 };
        var seed = new Option<int?>("--seed") { Description = "run this one case and print it" };
        var first = new Option<int>("--first") { Description = "seed of the first case: several processes can share the work" };
        var corpus = new Option<string>("--corpus") { Description = "folder with hostile schemas and case files to start from", DefaultValueFactory = _ => "tests/Grammar.Tests" };
        var command = new Command("fuzz", "Mutated schemas: never an exception, never a hang.") { minutes, seed, first, corpus };
        command.SetAction(parsed => Run(TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(seed), parsed.GetValue(first), parsed.GetRequiredValue(corpus)));
        return command;
    }

    private static int Run(TimeSpan time, int? only, int first, string corpus)
    {
        string[] seeds = Corpus(corpus);
        var vocabulary = VocabularyFile.Bytes();
        long start = Stopwatch.GetTimestamp();
        int failures = 0, grammars = 0, cases = 0, slow = 0, present = -1;
        (int Seed, TimeSpan Since) watched = (-1, default);
        // A case that does not end is named, too.
        using var watch = new Timer(_ =>
        {
            int seed = Volatile.Read(ref present);
            TimeSpan now = Environment.CpuUsage.TotalTime;
            if (seed != watched.Seed) watched = (seed, now);
            else if (seed >= 0 && now - watched.Since > HangLimit)
            {
                Console.WriteLine($"seed {seed}: no end after {(now - watched.Since).TotalSeconds:f0} s");
                Environment.Exit(1);
            }
        }, null, WatchPeriod, WatchPeriod);
        for (int seed = only ?? first; Stopwatch.GetElapsedTime(start) < time; seed++)
        {
            Volatile.Write(ref present, seed);
            string schema = SchemaMutator.Mutate(seeds, new Random(seed));
            if (only is not null) Console.WriteLine(schema);
            // The processor's time: the clock of a busy machine says nothing.
            TimeSpan begun = Environment.CpuUsage.TotalTime;
            string failure = Try(schema, vocabulary, new Random(seed), ref grammars, out int tokens);
            var taken = Environment.CpuUsage.TotalTime - begun;
            cases++;
            if (taken > SlowLimit + tokens * SlowTokenLimit)
            {
                slow++;
                Console.WriteLine($"seed {seed}: {taken.TotalSeconds:f1} s, {tokens} tokens: {Cut(schema)}");
            }
            if (failure.Length > 0)
            {
                failures++;
                Console.WriteLine($"seed {seed}: {failure}\n    {Cut(schema)}");
            }
            if (only is not null) break;
        }
        Console.WriteLine($"{cases} cases from seed {only ?? first}, {grammars} grammars, {failures} failures, {slow} slow");
        return failures + slow == 0 ? 0 : 1;
    }

    private static string Try(string schema, Vocabulary vocabulary, Random random, ref int grammars, out int tokens)
    {
        tokens = 0;
        try
        {
            var options = new GrammarOptions
            {
                Order = (PropertyOrder)random.Next(2),
                Spelling = (Spelling)random.Next(2),
                Whitespace = (Whitespace)random.Next(4),
            };
            var compiled = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, schema, options), bestEffort: random.Next(4) == 0);
            if (compiled.Grammar is null) return compiled.Rejections.Count > 0 ? "" : "no grammar and no rejection";
            grammars++;
            var written = new List<int>();
            bool isWhole = compiled.Rejections.Count == 0;
            bool isRead = SchemaValidator.TryCreate(Encoding.UTF8.GetBytes(schema), new ValidatorOptions(), out var validator, out _);
            for (int i = 0; i < 3; i++)
            {
                if (GrammarMatcher.Start(compiled.Grammar, vocabulary).TokensToComplete > 5000) return "";
                byte[]? text = RandomWalk.Sample(compiled.Grammar, vocabulary, random, random.Next(80), 0.2, written, out string broken);
                tokens += written.Count;
                if (text is null) return broken;
                if (!isWhole || !isRead) continue;
                var result = validator!.Validate(text);
                if (result.Outcome is ValidationOutcome.Invalid or ValidationOutcome.Malformed) return $"{result.Outcome} {result.Keyword} {Cut(Encoding.UTF8.GetString(text))}";
            }
            return "";
        }
        catch (Exception error)
        {
            return $"threw {error}";
        }
    }

    private static string[] Corpus(string folder)
    {
        var seeds = File.ReadLines(Path.Combine(folder, "hostile", "schemas.txt")).Where(line => line.Length > 0 && !line.StartsWith("# ", StringComparison.Ordinal)).ToList();
        foreach (string path in Directory.GetFiles(Path.Combine(folder, "cases"), "*.json").Order(StringComparer.Ordinal))
        {
            using var file = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(path));
            seeds.AddRange(file.RootElement.EnumerateArray().Select(it => it.GetProperty("schema").GetRawText()));
        }
        seeds.AddRange(SchemaSource.Random(300, 77).Select(it => it.Text));
        return [.. seeds];
    }

    private static string Cut(string text) => text.Length > 500 ? text[..500] + "…" : text;
}
