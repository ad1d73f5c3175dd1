using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Cluster.Decoding.Models;
using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;
using Cluster.Onnx;
using Cluster.Onnx.Folders;
using Microsoft.ML.OnnxRuntime;

namespace Cluster.Benchmarks.Sessions;

/// <summary>
/// <c>session</c>: the bare session.Run of a known shape with random weights, and beside it, in the same minutes, the same step through
/// <see cref="IModel"/>. The two alternate in short blocks and the best block of each counts, so that other work on the machine hits both
/// alike.
/// </summary>
internal static class SessionCommand
{
    private const int Past = 256;
    private const int PromptTokens = 512;

    public static Command Create()
    {
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => "qwen2.5-0.5b", Description = "a shape of the builder" };
        var dtype = new Option<string>("--dtype") { DefaultValueFactory = _ => "int4", Description = "number format of the weights" };
        var block = new Option<int>("--block") { DefaultValueFactory = _ => 32, Description = "weights that share a scale" };
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 2, Description = "threads of one run" };
        var blocks = new Option<int>("--blocks") { DefaultValueFactory = _ => 6, Description = "alternating blocks of each side" };
        var models = new Option<string>("--models") { DefaultValueFactory = _ => "artifacts/models", Description = "built models" };
        var command = new Command("session", "Time the bare session.Run of a decoder, and the same step through IModel.")
        {
            shape, dtype, block, threads, blocks, models,
        };
        command.SetAction(parsed =>
        {
            string folder = Path.Combine(parsed.GetRequiredValue(models),
                $"{parsed.GetValue(shape)}-{parsed.GetValue(dtype)}-{parsed.GetValue(block)}");
            Build(folder, parsed.GetRequiredValue(shape), parsed.GetRequiredValue(dtype), parsed.GetValue(block));
            Measure(folder, parsed.GetValue(threads), parsed.GetValue(blocks));
        });
        return command;
    }

    private static void Build(string folder, string shape, string dtype, int block)
    {
        if (File.Exists(Path.Combine(folder, "genai_config.json"))) return;
        var known = ModelShape.Known[shape];
        using var weights = new RandomWeights(known, seed: 1);
        ModelFolderBuilder.Write(known, weights,
            new BuildOptions { Folder = folder, Dtype = dtype, Block = block, LastTokenOnly = true, ContextLength = 4096 });
    }

    private static void Measure(string folder, int threads, int blocks)
    {
        var layout = ModelFolder.Read(folder);
        using var settings = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        using var session = new InferenceSession(layout.GraphPath, settings);
        using var model = OnnxModel.Load(new OnnxModelOptions
        {
            Folder = folder, Id = "bench", Slots = 16, ContextLength = 1024, Threads = threads, ChunkTokensMax = PromptTokens,
        });
        var batch = new ModelBatch(16, PromptTokens);
        var result = new Dictionary<string, double>();
        foreach (int rows in new[] { 1, 4, 8, 16 })
        {
            using var bare = new BareSession(session, layout, model.Info.VocabularySize, rows, tokens: 1, Past, capacity: 1024);
            batch.Clear();
            for (int slot = 0; slot < rows; slot++) batch.AddDecode(slot, Past, token: 5);
            Add(result, $"decode_{rows}", rows, Race(bare.Run, () => model.Execute(batch), blocks, runs: 10));
        }

        foreach (int tokens in new[] { 2, 4, 6, 8, 12, 16, 32 })
        {
            using var bare = new BareSession(session, layout, model.Info.VocabularySize, rows: 1, tokens, Past, capacity: 1024);
            batch.Clear();
            batch.AddChunk(0, Past, Enumerable.Repeat(5, tokens).ToArray(), LogitsWanted.Last);
            Add(result, $"chunk_{tokens}", tokens, Race(bare.Run, () => model.Execute(batch), blocks, runs: 5));
        }

        using var prompt = new BareSession(session, layout, model.Info.VocabularySize, rows: 1, PromptTokens, length: 0, capacity: 1024);
        batch.Clear();
        batch.AddChunk(0, 0, Enumerable.Repeat(5, PromptTokens).ToArray(), LogitsWanted.Last);
        Add(result, $"prefill_{PromptTokens}", PromptTokens, Race(prompt.Run, () => model.Execute(batch), blocks, runs: 1));
        Console.WriteLine(JsonSerializer.Serialize(result));
    }

    private static void Add(Dictionary<string, double> result, string name, int tokens, (double BareMs, double ModelMs) best)
    {
        double perSecond = tokens * 1000 / best.BareMs;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-12} bare {best.BareMs,8:F2} ms ({perSecond,6:F0} tokens/s)   "
            + $"IModel {best.ModelMs,8:F2} ms   {best.ModelMs / best.BareMs:F3}x"));
        result[name + "_tokens_per_second"] = Math.Round(perSecond, 1);
        result[name + "_model_ratio"] = Math.Round(best.ModelMs / best.BareMs, 3);
    }

    private static (double BareMs, double ModelMs) Race(Action bare, Action model, int blocks, int runs)
    {
        Time(bare, 1);
        Time(model, 1);
        var (bareMs, modelMs) = (double.MaxValue, double.MaxValue);
        for (int block = 0; block < blocks; block++)
        {
            bareMs = Math.Min(bareMs, Time(bare, runs));
            modelMs = Math.Min(modelMs, Time(model, runs));
        }

        return (bareMs, modelMs);
    }

    private static double Time(Action run, int runs)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < runs; i++) run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / runs;
    }
}
