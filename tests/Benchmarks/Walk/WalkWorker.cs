using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Cluster.Grammar;

namespace Cluster.Benchmarks.Walk;

/// <summary>
/// The process that walks: it prints "start N" before case N and one result line after it, and may die at any time. Which case it died
/// of is then known, and its parent starts another behind that case.
/// </summary>
internal static class WalkWorker
{
    public const string Name = "walk-worker";

    public static Command CreateCommand()
    {
        var vocabulary = new Option<string>("--vocab") { Required = true };
        var cases = new Option<string>("--cases") { Required = true };
        var warm = new Option<bool>("--warm");
        var from = new Option<int>("--from");
        var stride = new Option<int>("--stride") { DefaultValueFactory = _ => 1 };
        var flags = new GrammarFlags();
        var command = new Command(Name, "Used by walk itself.") { vocabulary, cases, warm, from, stride };
        command.Hidden = true;
        flags.AddTo(command);
        command.SetAction(parsed => Run(parsed.GetRequiredValue(vocabulary), parsed.GetRequiredValue(cases), flags.Read(parsed),
            parsed.GetValue(warm), parsed.GetValue(from), parsed.GetValue(stride)));
        return command;
    }

    private static int Run(string stem, string casesPath, GrammarOptions options, bool isWarm, int from, int stride)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        WarmUp.Run(VocabularyFile.Bytes(), options, TimeSpan.FromSeconds(1));
        var vocabulary = VocabularyFile.Read(stem);
        long start = Stopwatch.GetTimestamp();
        var trivial = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, "{\"type\":\"boolean\"}", options));
        GrammarMatcher.Start(trivial.Grammar!, vocabulary).GetMask();
        output.WriteLine($"vocabulary {Stopwatch.GetElapsedTime(start).TotalMilliseconds}");
        WarmUp.Run(vocabulary, options, TimeSpan.FromSeconds(8));

        GC.Collect();
        var walker = new CaseWalker(vocabulary, options, isWarm);
        int index = 0;
        foreach (string line in File.ReadLines(casesPath))
        {
            int number = index++;
            if (number < from || (number - from) % stride != 0 || line.Length == 0) continue;
            var walkCase = JsonSerializer.Deserialize<WalkCase>(line)!;
            // Garbage of the case before is not this one's to collect. Not more than that: marking all that is alive would leave the caches cold.
            GC.Collect(0);
            output.WriteLine($"start {number}");
            output.WriteLine(JsonSerializer.Serialize(WalkOrCrash(walker, walkCase)));
        }
        output.WriteLine("end");
        return 0;
    }

    private static WalkResult WalkOrCrash(CaseWalker walker, WalkCase walkCase)
    {
        try
        {
            return walker.Walk(walkCase);
        }
        catch (Exception error)
        {
            return new WalkResult { Id = walkCase.Id, Subset = walkCase.Subset, Status = "crash", Error = error.ToString() };
        }
    }
}
