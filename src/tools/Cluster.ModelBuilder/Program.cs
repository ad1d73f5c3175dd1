using System.CommandLine;
using System.Diagnostics;
using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;

var to = new Option<string>("--to") { Required = true, Description = "Folder to write." };
var dtype = new Option<string>("--dtype")
{
    DefaultValueFactory = _ => "fp32", Description = "fp32, fp16, int4, int8, int4-fp16 or int8-fp16.",
};
var layout = new Option<FolderLayout>("--layout")
{
    DefaultValueFactory = _ => FolderLayout.GenAi, Description = "GenAi (fastest), Optimum, OptimumMerged or TransformersJs.",
};
var block = new Option<int>("--block") { DefaultValueFactory = _ => 32, Description = "Weights that share a scale (int4, int8)." };
var accuracy = new Option<int>("--accuracy")
{
    DefaultValueFactory = _ => 4, Description = "Of quantised products: 4 rounds activations to int8, 1 keeps them float.",
};
var context = new Option<int>("--context") { DefaultValueFactory = _ => 0, Description = "Positions; 0 takes the model's own." };
var lastOnly = new Option<bool>("--last-token-only") { Description = "Logits only after the last token: faster prompts, no speculation." };
var from = new Option<string>("--from")
{
    Required = true, Description = "Hugging Face folder: config.json, *.safetensors, tokenizer files.",
};
var shape = new Option<string>("--shape") { Required = true, Description = "One of: " + string.Join(", ", ModelShape.Known.Keys) };
var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1UL, Description = "Seed of the random weights." };

var convert = new Command("convert", "Converts a Hugging Face model (Llama, Mistral, Qwen2 and 3, Phi-3 and 4, Gemma 2 and 3, SmolLM) to a folder that Cluster serves.")
{
    from, to, layout, dtype, block, accuracy, context, lastOnly,
};
convert.SetAction(parsed => Run(parsed, options => ModelFolderBuilder.Convert(parsed.GetValue(from)!, options)));

var random = new Command("random", "Writes a model of a known shape with seeded random weights, to measure speed without a download.")
{
    shape, to, seed, layout, dtype, block, accuracy, context, lastOnly,
};
random.SetAction(parsed => Run(parsed, options =>
{
    if (!ModelShape.Known.TryGetValue(parsed.GetValue(shape)!, out var known))
    {
        throw new ModelBuildException($"shape {parsed.GetValue(shape)} is not known; {shape.Description}");
    }

    using var weights = new RandomWeights(known, parsed.GetValue(seed));
    ModelFolderBuilder.Write(known, weights, options);
}));

return new RootCommand("Builds model folders for ONNX Runtime.") { convert, random }.Parse(args).Invoke();

int Run(ParseResult parsed, Action<BuildOptions> build)
{
    var options = new BuildOptions
    {
        Folder = parsed.GetValue(to)!,
        Layout = parsed.GetValue(layout),
        Dtype = parsed.GetValue(dtype)!,
        Block = parsed.GetValue(block),
        AccuracyLevel = parsed.GetValue(accuracy),
        ContextLength = parsed.GetValue(context),
        LastTokenOnly = parsed.GetValue(lastOnly),
    };
    var watch = Stopwatch.StartNew();
    try
    {
        build(options);
    }
    catch (Exception error) when (error is ModelBuildException or IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"error: {error.Message}");
        return 1;
    }

    var bytes = new DirectoryInfo(options.Folder).EnumerateFiles("*.onnx*", SearchOption.AllDirectories).Sum(file => file.Length);
    Console.WriteLine($"{options.Folder}: {bytes / 1e6:F1} MB in {watch.Elapsed.TotalSeconds:F1} s");
    return 0;
}
