using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Cluster.Benchmarks.Decoding;
using Cluster.Benchmarks.Models;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Onnx;
using Cluster.Tokenization;

namespace Cluster.Benchmarks.Serve;

/// <summary>
/// <c>serve</c>: tokens a second of the engine beside llama.cpp's, in one run, on the same requests: the same shape and the same weights, int4
/// of block 32 here and Q4_0 there, the same number of threads. The sides take turns and the median of the rounds' ratios counts.
/// <list type="bullet">
/// <item>agg8_ratio, agg16_ratio: 8 and 16 requests at once without a schema, prompts of 67 tokens, outputs of 48, greedy.</item>
/// <item>agg8_schema_random_ratio: ten fields of several types over random weights, sampled: nearly no token of the model's own fits.</item>
/// <item>agg8_schema_real_ratio: ten fields of free text over a model that says such a document, greedy.</item>
/// </list>
/// </summary>
internal sealed class ServeCommand(BenchmarkModels models, ITokenizer tokenizer, int threads, int rounds, int block)
{
    private const int PromptTokens = 67;

    public static Command Create()
    {
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => "qwen2.5-0.5b", Description = "a shape of the builder" };
        var folder = new Option<string>("--models") { DefaultValueFactory = _ => "artifacts/models", Description = "built models" };
        var tokenizer = new Option<string>("--tokenizer") { DefaultValueFactory = _ => "tokenizer.json",
            Description = "its tokenizer.json" };
        var llama = new Option<string>("--llama") { DefaultValueFactory = _ => "tests/Benchmarks/Serve/llama",
            Description = "where llama.cpp's side was installed with npm ci" };
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 2, Description = "threads of each side" };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3, Description = "turns of each side" };
        var only = new Option<string>("--only") { DefaultValueFactory = _ => "", Description = "names of some lanes, comma-separated" };
        var block = new Option<int>("--block") { DefaultValueFactory = _ => 32, Description = "weights that share a scale, this side" };
        var command = new Command("serve", "Tokens a second beside llama.cpp.") { shape, folder, tokenizer, llama, threads, rounds, only, block };
        command.SetAction(parsed =>
        {
            var loaded = EngineCommand.LoadTokenizer(parsed.GetRequiredValue(tokenizer));
            var built = new BenchmarkModels(parsed.GetRequiredValue(folder), parsed.GetRequiredValue(shape), loaded);
            new ServeCommand(built, loaded, parsed.GetValue(threads), parsed.GetValue(rounds), parsed.GetValue(block))
                .Run(parsed.GetRequiredValue(llama), parsed.GetRequiredValue(only).Split(',', StringSplitOptions.RemoveEmptyEntries));
        });
        return command;
    }

    private void Run(string llamaFolder, string[] only)
    {
        (string Name, ServeJob Job, string Gguf)[] lanes =
        [
            ("agg8", NewJob(8, 16, 48, isChained: false, isSampled: false, schema: null), models.RandomGguf()),
            ("agg16", NewJob(16, 32, 48, isChained: false, isSampled: false, schema: null), models.RandomGguf()),
            ("agg8_schema_random", NewJob(8, 8, 160, isChained: false, isSampled: true, BenchmarkSchema.Typed), models.RandomGguf()),
            ("agg8_schema_real", NewJob(8, 8, 320, isChained: true, isSampled: false, BenchmarkModels.Schema), models.ChainedGguf()),
        ];
        using var llama = new LlamaProcess(llamaFolder, threads);
        var result = new Dictionary<string, double>();
        foreach (var (name, job, gguf) in lanes)
        {
            if (only.Length > 0 && !only.Contains(name)) continue;
            var ratios = new List<double>();
            using Engine engine = NewEngine(job);
            Serve(engine, job with { Prompts = [.. job.Prompts.Take(2)], TokensMax = Math.Max(job.TokensMax, 120) });
            llama.Run(job with { Model = gguf, Prompts = [.. job.Prompts.Take(2)], TokensMax = 8 });
            for (int round = 0; round < rounds; round++)
            {
                ServeResult ours = Serve(engine, job), theirs = llama.Run(job with { Model = gguf });
                ratios.Add(ours.PerSecond / theirs.PerSecond);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{name,-20} {ours.PerSecond,7:F1} tokens/s ({ours.Tokens})   llama.cpp {theirs.PerSecond,7:F1} ({theirs.Tokens})   {ratios[^1]:F3}x"));
            }
            result[name + "_ratio"] = Math.Round(ratios.Order().ElementAt(ratios.Count / 2), 3);
        }
        Console.WriteLine(JsonSerializer.Serialize(result));
    }

    private ServeJob NewJob(int concurrency, int requests, int tokensMax, bool isChained, bool isSampled, BenchmarkSchema? schema)
    {
        string folder = isChained ? models.Chained(block) : models.Random(block);
        int[][] prompts = [.. Enumerable.Range(0, requests).Select(number => models.Prompt(PromptTokens, number))];
        return new ServeJob(folder, concurrency, prompts, tokensMax, isSampled, schema);
    }

    private Engine NewEngine(ServeJob job)
    {
        var model = OnnxModel.Load(new OnnxModelOptions
        {
            Folder = job.Model, Id = "bench", Slots = job.Concurrency + 1, ContextLength = ServeJob.ContextLength, Threads = threads, ChunkTokensMax = 512,
            AllowSpinning = true,
        });
        var options = new EngineOptions { SequencesMax = job.Concurrency, StepTokensMax = 256, PrefixCacheBytesMax = 0 };
        return new Engine(model, tokenizer, options, TimeProvider.System, null, EngineDrive.ByHandWithMaskThread);
    }

    private static ServeResult Serve(Engine engine, ServeJob job)
    {
        CompiledGrammar? grammar = job.Schema is { } schema
            ? GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, schema.JsonSchema, new GrammarOptions())).Grammar
            : null;
        int tokens = 0, next = 0, running = 0;
        long started = Stopwatch.GetTimestamp();
        while (next < job.Prompts.Count || running > 0)
        {
            while (running < job.Concurrency && next < job.Prompts.Count) Submit(next++);
            engine.Step();
        }
        return new ServeResult(tokens, Stopwatch.GetElapsedTime(started).TotalSeconds, null);

        void Submit(int number)
        {
            running++;
            var sampling = new SamplingOptions { Temperature = job.IsSampled ? 1 : 0, TopK = job.IsSampled ? ServeJob.TopK : 0, Seed = (ulong)number };
            AdmissionOutcome outcome = engine.Submit(new SequenceSubmission
            {
                Journal = new SequenceJournal
                {
                    RequestId = "r", PromptTokens = ImmutableArray.Create(job.Prompts[number]), TokensMax = job.TokensMax, Sampling = sampling,
                },
                Grammar = grammar,
                Sink = delta =>
                {
                    tokens += delta.Tokens.Length;
                    if (delta.Error is { } error) throw new InvalidOperationException(error.Message);
                    if (delta.Finish is not null) running--;
                },
            });
            if (outcome is not (AdmissionOutcome.Admitted or AdmissionOutcome.Deferred)) throw new InvalidOperationException($"refused: {outcome}");
        }
    }
}
