using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;
using Cluster.Onnx;
using Cluster.Tokenization;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Benchmarks.Decoding;

/// <summary>
/// <c>engine</c>: what the engine adds to its model. The clock around the model and the clock around the step run in the same step, so
/// other work on the machine hits both alike.
/// <list type="bullet">
/// <item>step_ratio: step / Execute at the given batch, the worse of greedy and top_p.</item>
/// <item>constrained_step_ratio: a step under a schema / a free step, forced runs off.</item>
/// <item>forced_ratio: tokens a second under a schema of ten fields, forced runs on / free.</item>
/// <item>ttft_cached_ratio: time to the first token with nine tenths of the prompt cached / without.</item>
/// <item>bytes_per_token: managed allocation on the engine's thread, the delta included.</item>
/// </list>
/// </summary>
internal sealed class EngineCommand(string folder, ITokenizer tokenizer, int batch, int threads, int steps)
{
    private const int ContextLength = 1024;
    private const int PromptTokens = 64;
    private const int BlockSteps = 10;

    private static readonly SamplingOptions Greedy = new() { Temperature = 0, LogitBias = [] };
    private static readonly SamplingOptions TopP = new() { Temperature = 1, TopP = 0.95f };

    public static Command Create()
    {
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => "qwen2.5-0.5b", Description = "a shape of the builder" };
        var models = new Option<string>("--models") { DefaultValueFactory = _ => "artifacts/models", Description = "built models" };
        var tokenizer = new Option<string>("--tokenizer") { DefaultValueFactory = _ => "tokenizer.json",
            Description = "its tokenizer.json" };
        var batch = new Option<int>("--batch") { DefaultValueFactory = _ => 8, Description = "sequences at once" };
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 2, Description = "threads of one run" };
        var steps = new Option<int>("--steps") { DefaultValueFactory = _ => 60, Description = "steps per figure" };
        var command = new Command("engine", "Time the engine beside its model.") { shape, models, tokenizer, batch, threads, steps };
        command.SetAction(parsed =>
        {
            string folder = Path.Combine(parsed.GetRequiredValue(models), $"{parsed.GetValue(shape)}-int4-32");
            Build(folder, parsed.GetRequiredValue(shape));
            var loaded = HuggingFaceTokenizer.Parse(File.ReadAllBytes(parsed.GetRequiredValue(tokenizer)), ["<|endoftext|>", "<|im_end|>"]);
            new EngineCommand(folder, loaded, parsed.GetValue(batch), parsed.GetValue(threads), parsed.GetValue(steps)).Run();
        });
        return command;
    }

    private static void Build(string folder, string shape)
    {
        if (File.Exists(Path.Combine(folder, "genai_config.json"))) return;
        var known = ModelShape.Known[shape];
        using var weights = new RandomWeights(known, seed: 1);
        ModelFolderBuilder.Write(known, weights,
            new BuildOptions { Folder = folder, Dtype = "int4", Block = 32, LastTokenOnly = true, ContextLength = 4096 });
    }

    private void Run()
    {
        CompiledGrammar grammar =
            GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, TenFields, new GrammarOptions())).Grammar!;
        using Lane greedy = NewLane(Greedy, null, forcedRuns: false), topP = NewLane(TopP, null, forcedRuns: false);
        using Lane constrained = NewLane(TopP, grammar, forcedRuns: false), forced = NewLane(TopP, grammar, forcedRuns: true);
        Lane[] lanes = [greedy, topP, constrained, forced];
        foreach (Lane lane in lanes) lane.WarmUp(batch);

        // In turns, so that other work on the machine hits all alike.
        for (int done = 0; done < steps; done += BlockSteps) foreach (Lane lane in lanes) lane.Run(BlockSteps);
        var result = new Dictionary<string, double>
        {
            ["step_ratio"] = Math.Max(greedy.StepRatio, topP.StepRatio),
            ["greedy_step_ratio"] = greedy.StepRatio,
            ["top_p_step_ratio"] = topP.StepRatio,
            ["constrained_step_ratio"] = constrained.BestStepMs / topP.BestStepMs,
            ["forced_ratio"] = forced.TokensPerSecond / topP.TokensPerSecond,
            ["ttft_cached_ratio"] = MeasureFirstToken(),
            ["bytes_per_token"] = Math.Max(greedy.BytesPerToken, topP.BytesPerToken),
            ["constrained_bytes_per_token"] = constrained.BytesPerToken,
            ["step_ms"] = topP.BestStepMs,
        };
        Console.WriteLine(JsonSerializer.Serialize(result.ToDictionary(one => one.Key, one => Math.Round(one.Value, 3))));
    }

    private Lane NewLane(SamplingOptions sampling, CompiledGrammar? grammar, bool forcedRuns)
    {
        var model = Load();
        return new Lane(model, NewEngine(model, forcedRuns), (number, sink) => new SequenceSubmission
        {
            Journal = Journal(Prompt(PromptTokens, number), 600, sampling with { Seed = (ulong)number }),
            Grammar = grammar,
            Sink = sink,
        });
    }

    private double MeasureFirstToken()
    {
        using var engine = NewEngine(Load(), forcedRuns: false);
        int[] prompt = Prompt(512, 1);
        double FirstTokenMs(int[] tokens)
        {
            long started = Stopwatch.GetTimestamp();
            engine.Submit(new SequenceSubmission { Journal = Journal(tokens, 1, Greedy), Sink = _ => { } });
            while (engine.HasWork) engine.Step();
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
        FirstTokenMs(Prompt(512, 2));
        double cold = double.MaxValue, warm = double.MaxValue;
        for (int i = 3; i < 6; i++)
        {
            int[] other = Prompt(512, i);
            cold = Math.Min(cold, FirstTokenMs(other));
            warm = Math.Min(warm, FirstTokenMs([.. other[..460], .. prompt[460..]]));
        }
        return warm / cold;
    }

    private TimedModel Load() => new(OnnxModel.Load(new OnnxModelOptions
    {
        Folder = folder, Id = "bench", Slots = batch + 2, ContextLength = ContextLength, Threads = threads, ChunkTokensMax = 512,
    }));

    private Engine NewEngine(TimedModel model, bool forcedRuns)
    {
        var options = new EngineOptions { ForcedRuns = forcedRuns, SequencesMax = batch, StepTokensMax = 512 };
        return new Engine(model, tokenizer, options, TimeProvider.System, null, EngineDrive.ByHandWithMaskThread);
    }

    private static SequenceJournal Journal(int[] prompt, int tokensMax, SamplingOptions sampling)
        => new() { RequestId = "r", PromptTokens = [.. prompt], TokensMax = tokensMax, Sampling = sampling };

    private static int[] Prompt(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(100_000))];
    }

    private static string TenFields => JsonSerializer.Serialize(new
    {
        type = "object",
        properties = Enumerable.Range(0, 10).ToDictionary(i => $"a_longer_field_name_{i}", i => i % 2 == 0
            ? (object)new { type = "string", maxLength = 20 } : new { type = "integer" }),
        required = Enumerable.Range(0, 10).Select(i => $"a_longer_field_name_{i}"),
        additionalProperties = false,
    });
}
