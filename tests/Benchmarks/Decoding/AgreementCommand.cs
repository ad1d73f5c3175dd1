using System.CommandLine;
using System.Text.Json;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Benchmarks.Decoding;

/// <summary><c>agreement</c>: see <see cref="AgreementRun"/>.</summary>
internal static class AgreementCommand
{
    public static Command Create()
    {
        var folder = new Option<string>("--model") { DefaultValueFactory = _ => "cluster-config/models/cluster-extract-1",
            Description = "a model folder" };
        var requests = new Option<int>("--requests") { DefaultValueFactory = _ => 10_000, Description = "requests of each kind of run" };
        var every = new Option<int>("--every-position") { DefaultValueFactory = _ => 200, Description = "requests continued from each of their positions" };
        var slots = new Option<int>("--slots") { DefaultValueFactory = _ => 8, Description = "sequences at once" };
        var command = new Command("agreement", "The same requests alone, in a batch and continued: equal tokens?") { folder, requests, every, slots };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(folder);
            var run = new AgreementRun(path, new TokenizerFolder(path).LoadTokenizer(), parsed.GetValue(slots));
            AgreementResult result = run.Run(parsed.GetValue(requests), parsed.GetValue(every));
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                requests = result.Requests,
                equal = result.Equal,
                differing = result.Differing,
                unexplained = result.Unexplained,
                continuations = result.Continuations,
                continued_differing = result.ContinuedDiffering,
                memory_mb = result.MemoryBytes.Select(bytes => Math.Round(bytes / (1 << 20), 1)),
            }));
        });
        return command;
    }
}
