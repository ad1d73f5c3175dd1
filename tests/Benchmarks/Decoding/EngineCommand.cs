using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Cluster.Benchmarks.Models;
using Cluster.Benchmarks.Sessions;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Onnx;
using Cluster.Onnx.Folders;
using Cluster.Tokenization;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Benchmarks.Decoding;

/// <summary>
/// <c>engine</c>: what the engine adds to its model. Everything compared alternates in short blocks, and the median of the blocks' ratios
/// counts, so that other work on the machine hits both sides alike.
/// <list type="bullet">
/// <item>step_ratio: a step / the bare session.Run of the same rows at the same lengths, the worse of greedy and top_p; the best block of each
/// side. step_median_ratio: the median of the blocks. All lanes run on one session: two of one model differ by a tenth, by where their weights lie.</item>
/// <item>constrained_step_ratio: a step under a schema / a free step, forced runs off.</item>
/// <item>forced_ratio: tokens a second under a schema of ten fields, forced runs on / off, the same requests with the same
/// output.</item>
/// <item>forced_free_ratio: the same, forced runs on / the same number of tokens without a schema.</item>
/// <item>ttft_cached_ratio: time to the first token with nine tenths of the prompt cached / without.</item>
/// <item>bytes_per_token: managed allocation on the engine's thread, the delta included.</item>
/// </list>
/// </summary>
internal sealed class EngineCommand(BenchmarkModels models, ITokenizer tokenizer, int batch, int threads, int steps)
{
    private const int ContextLength = 1024;
    private const int PromptTokens = 64;
    private const int BlockSteps = 10;
    private const int Rounds = 2;

    private static readonly SamplingOptions Greedy = new() { Temperature = 0 };
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
        var only = new Option<string>("--only") { DefaultValueFactory = _ => "steps,forced,ttft", Description = "parts of it, comma-separated" };
        var command = new Command("engine", "Time the engine beside its model.") { shape, models, tokenizer, batch, threads, steps, only };
        command.SetAction(parsed =>
        {
            var loaded = LoadTokenizer(parsed.GetRequiredValue(tokenizer));
            var built = new BenchmarkModels(parsed.GetRequiredValue(models), parsed.GetRequiredValue(shape), loaded);
            new EngineCommand(built, loaded, parsed.GetValue(batch), parsed.GetValue(threads), parsed.GetValue(steps))
                .Run(parsed.GetRequiredValue(only).Split(','));
        });
        return command;
    }

    public static HuggingFaceTokenizer LoadTokenizer(string path)
        => HuggingFaceTokenizer.Parse(File.ReadAllBytes(path), ["<|endoftext|>", "<|im_end|>"]);

    private void Run(string[] only)
    {
        var result = new Dictionary<string, double>();
        if (only.Contains("steps")) MeasureSteps(result);
        if (only.Contains("forced")) MeasureForcedRuns(result);
        if (only.Contains("ttft")) result["ttft_cached_ratio"] = MeasureFirstToken();
        Console.WriteLine(JsonSerializer.Serialize(result.ToDictionary(one => one.Key, one => Math.Round(one.Value, 3))));
    }

    private void MeasureSteps(Dictionary<string, double> result)
    {
        CompiledGrammar grammar = Compile(BoundedFields);
        TimedModel model = Load(models.Random(32));
        using Engine engine = NewEngine(model, forcedRuns: false);
        Lane greedy = NewLane(model, engine, Greedy, null), topP = NewLane(model, engine, TopP, null), constrained = NewLane(model, engine, TopP, grammar);
        using var bare = new BareSession(((SharedCacheModel)model.Inner).Session, ModelFolder.Read(models.Random(32)), models.Shape.Vocabulary, batch, tokens: 1, PromptTokens, ContextLength);
        foreach (Lane lane in (Lane[])[greedy, topP, constrained])
        {
            lane.Run(batch, 20);
            lane.Reset();
        }

        List<double> greedyRatios = [], topPRatios = [], constrainedRatios = [];
        double bareBest = double.MaxValue;
        for (int done = 0; done < steps; done += BlockSteps)
        {
            greedyRatios.Add(greedy.Run(batch, BlockSteps) / RunBare(greedy.Length));
            double free = topP.Run(batch, BlockSteps);
            topPRatios.Add(free / RunBare(topP.Length));
            constrainedRatios.Add(constrained.Run(batch, BlockSteps) / free);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"step ratios: greedy {greedyRatios[^1]:F3}, top_p {topPRatios[^1]:F3}, constrained {constrainedRatios[^1]:F3}, step {free / BlockSteps:F1} ms"));
        }
        result["greedy_step_ratio"] = greedy.BestStepMs / bareBest;
        result["top_p_step_ratio"] = topP.BestStepMs / bareBest;
        result["step_ratio"] = Math.Max(result["greedy_step_ratio"], result["top_p_step_ratio"]);
        result["step_median_ratio"] = Math.Max(Median(greedyRatios), Median(topPRatios));
        result["greedy_execute_ratio"] = greedy.StepRatio;
        result["top_p_execute_ratio"] = topP.StepRatio;
        result["constrained_step_ratio"] = Median(constrainedRatios);
        result["constrained_execute_ratio"] = constrained.StepRatio;
        result["bytes_per_token"] = Math.Max(greedy.BytesPerToken, topP.BytesPerToken);
        result["constrained_bytes_per_token"] = constrained.BytesPerToken;
        result["step_ms"] = topP.BestStepMs;

        double RunBare(int length)
        {
            bare.SetLength(length - (BlockSteps / 2));
            long started = Stopwatch.GetTimestamp();
            for (int i = 0; i < BlockSteps; i++) bare.Run();
            double elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            bareBest = Math.Min(bareBest, elapsed / BlockSteps);
            return elapsed;
        }
    }

    /// <summary>On the model that says a valid document, so that both sides emit the same tokens.</summary>
    private void MeasureForcedRuns(Dictionary<string, double> result)
    {
        CompiledGrammar grammar = Compile(BenchmarkModels.Schema.JsonSchema);
        using Engine on = NewEngine(Load(models.Chained(32)), forcedRuns: true), off = NewEngine(Load(models.Chained(32)), forcedRuns: false);
        List<double> onOff = [], onFree = [];
        RunRequests(on, grammar, 600);
        RunRequests(off, grammar, 600);
        for (int round = 0; round < Rounds; round++)
        {
            var (tokensOn, rateOn) = RunRequests(on, grammar, 600);
            var (tokensOff, rateOff) = RunRequests(off, grammar, 600);
            var (_, rateFree) = RunRequests(off, null, tokensOn / batch);
            if (tokensOn != tokensOff) Console.WriteLine($"forced runs changed the number of tokens: {tokensOff} to {tokensOn}");
            onOff.Add(rateOn / rateOff);
            onFree.Add(rateOn / rateFree);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"tokens/s: forced runs {rateOn:F1}, without {rateOff:F1}, free {rateFree:F1}"));
        }
        EngineCounters counters = on.Snapshot.Counters;
        result["forced_ratio"] = Median(onOff);
        result["forced_free_ratio"] = Median(onFree);
        result["forced_share"] = (double)counters.ForcedTokens / counters.EmittedTokens;
    }

    private (int Tokens, double PerSecond) RunRequests(Engine engine, CompiledGrammar? grammar, int tokensMax)
    {
        int tokens = 0;
        long started = Stopwatch.GetTimestamp();
        for (int number = 0; number < batch; number++)
        {
            AdmissionOutcome outcome = engine.Submit(new SequenceSubmission
            {
                Journal = Journal(models.Prompt(PromptTokens, number), tokensMax, Greedy),
                Grammar = grammar,
                Sink = delta => tokens += delta.Tokens.Length,
            });
            if (outcome is not (AdmissionOutcome.Admitted or AdmissionOutcome.Deferred)) throw new InvalidOperationException($"refused: {outcome}");
        }
        while (engine.HasWork) engine.Step();
        return (tokens, tokens / Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private double MeasureFirstToken()
    {
        using Engine engine = NewEngine(Load(models.Random(32)), forcedRuns: false);
        int[] prompt = models.Prompt(512, 1);
        double FirstTokenMs(int[] tokens)
        {
            long started = Stopwatch.GetTimestamp();
            engine.Submit(new SequenceSubmission { Journal = Journal(tokens, 1, Greedy), Sink = _ => { } });
            while (engine.HasWork) engine.Step();
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
        FirstTokenMs(models.Prompt(512, 2));
        var ratios = new List<double>();
        for (int i = 3; i < 6; i++)
        {
            int[] other = models.Prompt(512, i);
            double cold = FirstTokenMs(other);
            ratios.Add(FirstTokenMs([.. other[..460], .. prompt[460..]]) / cold);
        }
        return Median(ratios);
    }

    private Lane NewLane(TimedModel model, Engine engine, SamplingOptions sampling, CompiledGrammar? grammar)
        => new(model, engine, (number, sink, turn) => new SequenceSubmission
        {
            Journal = Journal(models.Prompt(PromptTokens, number), 600, sampling with { Seed = (ulong)number }),
            Grammar = grammar,
            Sink = sink,
            CancellationToken = turn,
        });

    private TimedModel Load(string folder) => new(OnnxModel.Load(new OnnxModelOptions
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

    private static CompiledGrammar Compile(string schema)
        => GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, schema, new GrammarOptions())).Grammar!;

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string BoundedFields => JsonSerializer.Serialize(new
    {
        type = "object",
        properties = Enumerable.Range(0, 10).ToDictionary(i => $"a_longer_field_name_{i}", i => i % 2 == 0
            ? (object)new { type = "string", maxLength = 20 } : new { type = "integer" }),
        required = Enumerable.Range(0, 10).Select(i => $"a_longer_field_name_{i}"),
        additionalProperties = false,
    });
}
