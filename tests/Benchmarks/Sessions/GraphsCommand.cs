using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Cluster.Decoding.Models;
using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;
using Cluster.Onnx;

namespace Cluster.Benchmarks.Sessions;

/// <summary>
/// <c>graphs</c>: the graph that our builder writes beside other forms of the same weights: the nodes that ONNX Runtime GenAI's own builder
/// writes, and Optimum's plain operators. Steps alternate in short blocks and the median of the blocks' ratios counts; more than 1 is in favour
/// of ours.
/// </summary>
internal static class GraphsCommand
{
    private const int Past = 256;
    private const int RowsMax = 16;
    private const int PromptTokens = 256;

    public static Command Create()
    {
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => "qwen2.5-0.5b", Description = "a shape of the builder" };
        var dtype = new Option<string>("--dtype") { DefaultValueFactory = _ => "int4", Description = "number format of the weights" };
        var block = new Option<int>("--block") { DefaultValueFactory = _ => 32, Description = "weights that share a scale" };
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 2, Description = "threads of one run" };
        var blocks = new Option<int>("--blocks") { DefaultValueFactory = _ => 8, Description = "alternating blocks of each side" };
        var only = new Option<string>("--only") { DefaultValueFactory = _ => "genai,optimum", Description = "forms to compare with" };
        var models = new Option<string>("--models") { DefaultValueFactory = _ => "artifacts/models", Description = "built models" };
        var command = new Command("graphs", "Time our builder's graph beside other forms of it.") { shape, dtype, block, threads, blocks, only, models };
        command.SetAction(parsed =>
        {
            string name = $"{parsed.GetValue(shape)}-{parsed.GetValue(dtype)}-{parsed.GetValue(block)}";
            var options = new BuildOptions
            {
                Folder = Path.Combine(parsed.GetRequiredValue(models), name), Dtype = parsed.GetRequiredValue(dtype), Block = parsed.GetValue(block),
                LastTokenOnly = true, ContextLength = 4096,
            };
            var forms = new Dictionary<string, BuildOptions>
            {
                ["genai"] = options with { Folder = options.Folder + "-genai", Fuses = false },
                ["optimum"] = options with { Folder = options.Folder + "-optimum", Layout = FolderLayout.Optimum },
            };
            var result = new Dictionary<string, double>();
            using IModel ours = Load(options, parsed.GetRequiredValue(shape), parsed.GetValue(threads));
            foreach (string form in parsed.GetRequiredValue(only).Split(','))
            {
                using IModel theirs = Load(forms[form], parsed.GetRequiredValue(shape), parsed.GetValue(threads));
                Compare(form, ours, theirs, parsed.GetValue(blocks), result);
            }
            Console.WriteLine(JsonSerializer.Serialize(result));
        });
        return command;
    }

    private static IModel Load(BuildOptions options, string shape, int threads)
    {
        if (!Directory.EnumerateFiles(Directory.CreateDirectory(options.Folder).FullName, "*config.json").Any())
        {
            ModelShape known = ModelShape.Known[shape];
            using var weights = new RandomWeights(known, seed: 1);
            ModelFolderBuilder.Write(known, weights, options);
        }
        return OnnxModel.Load(new OnnxModelOptions { Folder = options.Folder, Id = "bench", Slots = RowsMax, ContextLength = 1024, Threads = threads, ChunkTokensMax = PromptTokens });
    }

    private static void Compare(string form, IModel ours, IModel theirs, int blocks, Dictionary<string, double> result)
    {
        var batch = new ModelBatch(RowsMax, PromptTokens);
        foreach (int rows in (int[])[1, 8, 16])
        {
            batch.Clear();
            for (int slot = 0; slot < rows; slot++) batch.AddDecode(slot, Past, token: 5);
            Race($"{form}_{rows}", rows, runs: 10);
        }
        batch.Clear();
        batch.AddChunk(0, 0, Enumerable.Repeat(5, PromptTokens).ToArray(), LogitsWanted.Last);
        Race($"{form}_prefill", PromptTokens, runs: 1);

        void Race(string name, int tokens, int runs)
        {
            Time(ours, 2);
            Time(theirs, 2);
            List<double> ratios = [];
            double ourBest = double.MaxValue, theirBest = double.MaxValue;
            for (int i = 0; i < blocks; i++)
            {
                double our = Time(ours, runs), their = Time(theirs, runs);
                ratios.Add(their / our);
                (ourBest, theirBest) = (Math.Min(ourBest, our), Math.Min(theirBest, their));
            }
            result[name + "_ratio"] = Math.Round(ratios.Order().ElementAt(ratios.Count / 2), 3);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-16} ours {tokens * 1000 / ourBest,7:F0} tokens/s   {form} {tokens * 1000 / theirBest,7:F0}   {result[name + "_ratio"]:F3}x"));
        }

        double Time(IModel model, int runs)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < runs; i++) model.Execute(batch);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds / runs;
        }
    }
}
