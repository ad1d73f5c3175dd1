using System.CommandLine;
using System.Text.Json;
using Cluster.Grammar;

namespace Cluster.Benchmarks.Walk;

/// <summary><c>walk</c>: every instance of a case file through the masks of its schema, in processes that may fail.</summary>
internal static class WalkCommand
{
    public static Command Create()
    {
        var vocabulary = new Option<string>("--vocab") { Required = true, Description = "stem of .tsv and .meta.json" };
        var cases = new Option<string>("--cases") { Required = true, Description = "case file, one schema a line" };
        var output = new Option<string>("--out") { Required = true, Description = "result file to write" };
        var warm = new Option<bool>("--warm") { Description = "walk every instance twice and time the second walk" };
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 1, Description = "processes that walk at once" };
        var seconds = new Option<int>("--time-limit") { DefaultValueFactory = _ => 60, Description = "seconds for one schema" };
        var memory = new Option<int>("--memory-limit") { DefaultValueFactory = _ => 4096, Description = "megabytes of a process" };
        var flags = new GrammarFlags();
        var command = new Command("walk", "Walk instances through the masks of their schemas and time every step.")
        {
            vocabulary, cases, output, warm, threads, seconds, memory,
        };
        flags.AddTo(command);
        command.SetAction(parsed => new Walk(parsed.GetRequiredValue(vocabulary), parsed.GetRequiredValue(cases), flags.Read(parsed),
            parsed.GetValue(warm), parsed.GetValue(threads), TimeSpan.FromSeconds(parsed.GetValue(seconds)), (long)parsed.GetValue(memory) << 20)
            .Run(parsed.GetRequiredValue(output)));
        return command;
    }

    private sealed record Walk(
        string Vocabulary, string Cases, GrammarOptions Options, bool IsWarm, int Threads, TimeSpan TimeLimit, long MemoryMax)
    {
        private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
        private readonly List<double> _vocabularyMs = [];
        private StreamWriter? _early;

        public int Run(string output)
        {
            string[] lines = File.ReadAllLines(Cases);
            var results = new WalkResult?[lines.Length];
            // 1. Walk, each process its own share of the cases. Lines are written as they come, for a run that is stopped.
            using (var early = new StreamWriter(output) { AutoFlush = true })
            {
                _early = early;
                Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, share => RunShare(share, lines, results));
            }
            // 2. Write in the order of the case file.
            var done = results.Where(result => result is not null).Select(result => result!).ToList();
            File.WriteAllLines(output, done.Select(result => JsonSerializer.Serialize(result)));
            // 3. Sum up.
            var trie = new VocabularyTrie(VocabularyFile.Read(Vocabulary));
            WalkSummary.Print(done, _vocabularyMs, trie);
            return 0;
        }

        private void RunShare(int share, string[] lines, WalkResult?[] results)
        {
            for (int from = share; from < lines.Length;)
            {
                using var worker = new WorkerProcess(Arguments(from), MemoryMax);
                from = RunWorker(worker, from, lines, results);
            }
        }

        /// <summary>Reads one worker to its end; the case to go on with, past the last one if there is none.</summary>
        private int RunWorker(WorkerProcess worker, int from, string[] lines, WalkResult?[] results)
        {
            int current = -1;
            while (true)
            {
                string? line = worker.ReadLine(current < 0 ? StartLimit : TimeLimit, out string status, out string error);
                if (line is null)
                {
                    // Dead before the first case: blame that one, or there would be no end of it.
                    if (current < 0) current = from;
                    var failed = JsonSerializer.Deserialize<WalkCase>(lines[current])!;
                    Keep(results, current, new WalkResult { Id = failed.Id, Subset = failed.Subset, Status = status, Error = error });
                    return current + Threads;
                }
                if (line == "end") return lines.Length;
                if (line.StartsWith("start ", StringComparison.Ordinal)) current = int.Parse(line.AsSpan(6));
                else if (line.StartsWith("vocabulary ", StringComparison.Ordinal)) lock (_vocabularyMs) _vocabularyMs.Add(double.Parse(line.AsSpan(11)));
                else if (line.StartsWith('{')) Keep(results, current, JsonSerializer.Deserialize<WalkResult>(line)!);
            }
        }

        private void Keep(WalkResult?[] results, int index, WalkResult result)
        {
            results[index] = result;
            lock (_vocabularyMs) _early!.WriteLine(JsonSerializer.Serialize(result));
        }

        private IEnumerable<string> Arguments(int from) =>
        [
            WalkWorker.Name, "--vocab", Vocabulary, "--cases", Cases, "--from", $"{from}", "--stride", $"{Threads}",
            .. IsWarm ? (string[])["--warm"] : [], .. GrammarFlags.Write(Options),
        ];
    }
}
