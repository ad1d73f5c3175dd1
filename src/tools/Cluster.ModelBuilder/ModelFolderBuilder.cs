using Cluster.ModelBuilder.Graphs;
using Cluster.ModelBuilder.Protobuf;
using Cluster.ModelBuilder.Weights;

namespace Cluster.ModelBuilder;

/// <summary>What to write.</summary>
public sealed record BuildOptions
{
    public required string Folder { get; init; }

    public FolderLayout Layout { get; init; } = FolderLayout.GenAi;

    /// <summary>See <see cref="NumberFormat.Parse"/>.</summary>
    public string Dtype { get; init; } = "fp32";

    /// <summary>Weights that share a scale, for int4 and int8.</summary>
    public int Block { get; init; } = 32;

    /// <summary>4 rounds activations to int8 within a quantised product, 1 keeps them float: slower, closer.</summary>
    public int AccuracyLevel { get; init; } = 4;

    /// <summary>Logits only after the last token: faster prompts, but no log-probabilities of prompts and no speculation.</summary>
    public bool LastTokenOnly { get; init; }

    /// <summary>Positions; 0 takes the model's own.</summary>
    public int ContextLength { get; init; }

    /// <summary>GenAI layout: fuses what there are kernels for. False writes the nodes that ONNX Runtime GenAI's own builder does, to
    /// compare.</summary>
    public bool Fuses { get; init; } = true;

    /// <summary>Weights larger than this together go to a file beside the model.</summary>
    public long ExternalFromBytes { get; init; } = 1_500_000_000;
}

/// <summary>Writes one model folder. A failed build leaves no model file behind.</summary>
public static class ModelFolderBuilder
{
    private static readonly string[] _tokenizerFiles =
    [
        "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "tiktoken.model", "special_tokens_map.json", "added_tokens.json", "vocab.json",
        "merges.txt", "generation_config.json", "chat_template.jinja",
    ];

    /// <summary>Converts a Hugging Face folder.</summary>
    public static void Convert(string source, BuildOptions options)
    {
        var shape = HuggingFaceConfig.Read(source);
        using var weights = new FamilyWeights(new SafeTensors(source), shape);
        Write(shape, weights, options);
        var tiktoken = Directory.EnumerateFiles(source, "*.tiktoken").Select(file => Path.GetFileName(file));
        foreach (var name in _tokenizerFiles.Where(name => File.Exists(Path.Combine(source, name))).Concat(tiktoken))
        {
            File.Copy(Path.Combine(source, name), Path.Combine(options.Folder, name), overwrite: true);
        }
    }

    /// <summary>Writes a model of the given shape with any weights.</summary>
    public static void Write(ModelShape shape, IWeightSource weights, BuildOptions options)
    {
        var format = NumberFormat.Parse(options.Dtype, options.Block, options.AccuracyLevel);
        var contextLength = options.ContextLength == 0 ? shape.ContextLength : options.ContextLength;
        var tensors = new WeightTensors(weights, format);
        var genAi = options.Layout == FolderLayout.GenAi;
        var graph = genAi
            ? GenAiGraph.Build(shape, format, tensors, contextLength, options.LastTokenOnly, options.Fuses)
            : ExportedGraph.Build(shape, format, tensors, contextLength, options.LastTokenOnly,
                options.Layout == FolderLayout.OptimumMerged);
        var path = Path.Combine(options.Folder, genAi ? "model.onnx" : ExportedFolder.GraphFile(options.Layout, options.Dtype));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            OnnxFile.Write(path, graph, options.ExternalFromBytes);
        }
        catch
        {
            File.Delete(path);
            File.Delete(path + ".data");
            throw;
        }

        if (genAi)
        {
            GenAiConfig.Write(options.Folder, shape, contextLength, options.LastTokenOnly);
        }
        else
        {
            ExportedFolder.WriteConfig(options.Folder, shape with { ContextLength = contextLength });
        }
    }
}
