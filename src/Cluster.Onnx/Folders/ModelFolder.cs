using Microsoft.ML.OnnxRuntime.Tensors;

namespace Cluster.Onnx.Folders;

/// <summary>
/// Finds out what lies in a model folder. Phases: (1) settings; (2) the graph file; (3) inputs, outputs and operators; (4) external data
/// is whole;
/// (5) the layout, or what is missing for one. Where a number format is asked for, the first graph that has it is taken.
/// </summary>
public static class ModelFolder
{
    /// <summary>In this order, in <c>onnx/</c> and then in the folder itself.</summary>
    private static readonly string[] _graphNames =
    [
        "decoder_model_merged.onnx", "model.onnx", "model_fp16.onnx", "model_q4f16.onnx", "model_q4.onnx", "model_int8.onnx",
        "model_quantized.onnx",
        "decoder_model_merged_quantized.onnx",
    ];

    /// <summary>Positions the model was made for, from the folder's JSON alone: a machine without the weights can ask.</summary>
    /// <exception cref="ModelLoadException">The folder has no configuration, or it does not say.</exception>
    public static int ContextLength(string folder) => FolderSettings.Read(folder).ContextLength is var length and > 0
        ? length
        : throw new ModelLoadException(ModelLoadFailure.UnsupportedGraph, $"{folder}: no context length in its configuration");

    /// <param name="graphFile">The graph within the folder; empty finds it.</param>
    /// <param name="dtype">Its <see cref="DecoderLayout.Dtype"/>; empty takes any.</param>
    /// <exception cref="ModelLoadException">The folder cannot be served.</exception>
    public static DecoderLayout Read(string folder, string graphFile = "", string dtype = "")
    {
        if (!Directory.Exists(folder))
        {
            throw new ModelLoadException(ModelLoadFailure.MissingFile, $"model folder {folder} does not exist");
        }

        // 1., 2.
        var settings = FolderSettings.Read(folder);
        var paths = Graphs(folder, graphFile.Length > 0 ? graphFile : settings.GraphFile);
        if (dtype == "")
        {
            return Read(paths[0], settings);
        }

        var layouts = new List<DecoderLayout>();
        foreach (var path in paths)
        {
            layouts.Add(Read(path, settings));
            if (layouts[^1].Dtype == dtype)
            {
                return layouts[^1];
            }
        }

        var found = string.Join(", ", layouts.Select(layout => $"{Path.GetFileName(layout.GraphPath)} is {layout.Dtype}"));
        throw new ModelLoadException(ModelLoadFailure.MissingFile, $"{folder} has no graph in {dtype}: {found}");
    }

    private static DecoderLayout Read(string path, FolderSettings settings)
    {
        // 3.
        GraphSummary graph;
        try
        {
            graph = GraphSummary.Read(path);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException or OverflowException)
        {
            throw new ModelLoadException(ModelLoadFailure.CorruptFile, $"{path}: {error.Message}", error);
        }

        // 4., 5.
        return Layout(path, settings, graph, ExternalBytes(path, graph));
    }

    /// <summary>One or more, the one to prefer first.</summary>
    private static string[] Graphs(string folder, string? named)
    {
        if (named is not null)
        {
            var path = Path.Combine(folder, named);
            return File.Exists(path) ? [path] : throw new ModelLoadException(ModelLoadFailure.MissingFile, $"{path} is missing");
        }

        var candidates = _graphNames.SelectMany(name => new[] { Path.Combine(folder, "onnx", name), Path.Combine(folder, name) });
        var found = candidates.Where(File.Exists).ToArray();
        return found.Length > 0 ? found : throw new ModelLoadException(ModelLoadFailure.MissingFile,
            $"{folder} has no graph; looked for {string.Join(", ", _graphNames)} there and in onnx/");
    }

    private static long ExternalBytes(string path, GraphSummary graph)
    {
        var bytes = 0L;
        foreach (var file in graph.External.GroupBy(data => data.Location))
        {
            var data = new FileInfo(Path.Combine(Path.GetDirectoryName(path)!, file.Key));
            if (!data.Exists)
            {
                throw new ModelLoadException(ModelLoadFailure.MissingFile,
                    $"{data.FullName} is missing; {Path.GetFileName(path)} keeps its weights there");
            }

            var end = file.Max(part => part.End);
            if (data.Length < end)
            {
                throw new ModelLoadException(ModelLoadFailure.CorruptFile,
                    $"{data.FullName} is truncated: {data.Length} bytes, the graph refers to {end}");
            }

            bytes += data.Length;
        }

        return bytes;
    }

    private static DecoderLayout Layout(string path, FolderSettings settings, GraphSummary graph, long externalBytes)
    {
        string Name(string pattern, int layer) => pattern.Replace("%d", $"{layer}", StringComparison.Ordinal);
        var layers = 0;
        while (graph.Inputs.ContainsKey(Name(settings.PastKey, layers)))
        {
            layers++;
        }

        Need(path, "input", layers > 0 ? settings.PastKey : Name(settings.PastKey, 0), layers > 0);
        Need(path, "input", settings.Tokens, graph.Inputs.ContainsKey(settings.Tokens));
        Need(path, "input", settings.Mask, graph.Inputs.ContainsKey(settings.Mask));
        Need(path, "output", settings.Logits, graph.Outputs.ContainsKey(settings.Logits));
        var caches = new CacheNames[layers];
        for (var layer = 0; layer < layers; layer++)
        {
            caches[layer] = new CacheNames(Name(settings.PastKey, layer), Name(settings.PastValue, layer),
                Name(settings.PresentKey, layer), Name(settings.PresentValue, layer));
            Need(path, "input", caches[layer].PastValue, graph.Inputs.ContainsKey(caches[layer].PastValue));
            Need(path, "output", caches[layer].PresentKey, graph.Outputs.ContainsKey(caches[layer].PresentKey));
            Need(path, "output", caches[layer].PresentValue, graph.Outputs.ContainsKey(caches[layer].PresentValue));
        }

        var past = graph.Inputs[caches[0].PastKey];
        if (past.Dimensions is not [_, > 0 and var heads, _, > 0 and var headSize])
        {
            throw new ModelLoadException(ModelLoadFailure.UnsupportedGraph,
                $"{path}: {past.Name} is not [batch, heads, past, head size] with fixed heads and head size");
        }

        return new DecoderLayout
        {
            GraphPath = path,
            Style = graph.Operators.Contains("GroupQueryAttention") ? CacheStyle.Shared : CacheStyle.Appended,
            Layers = layers,
            KeyValueHeads = (int)heads,
            HeadSize = (int)headSize,
            CacheType = Type(path, past),
            LogitsType = Type(path, graph.Outputs[settings.Logits]),
            Dtype = Dtype(graph, Type(path, past)),
            ContextLength = settings.ContextLength > 0 ? settings.ContextLength : 2048,
            TokensName = settings.Tokens,
            MaskName = settings.Mask,
            PositionsName = graph.Inputs.ContainsKey(settings.Positions) ? settings.Positions : null,
            BranchName = graph.Inputs.ContainsKey("use_cache_branch") ? "use_cache_branch" : null,
            LogitsName = settings.Logits,
            Caches = caches,
            WeightBytes = new FileInfo(path).Length + externalBytes,
            EndTokens = settings.EndTokens,
        };
    }

    private static string Dtype(GraphSummary graph, TensorElementType activations)
    {
        var isHalf = activations == TensorElementType.Float16;
        if (graph.WeightBits.Count == 0 && !graph.Operators.Contains("MatMulInteger") && !graph.Operators.Contains("DynamicQuantizeMatMul"))
        {
            return isHalf ? "fp16" : "fp32";
        }

        // Mixed graphs keep a few matrices wider; the narrowest is what the rest has.
        var bits = graph.WeightBits.Count > 0 ? graph.WeightBits.Min() : 8;
        return isHalf ? $"int{bits}-fp16" : $"int{bits}";
    }

    private static TensorElementType Type(string path, GraphTensor tensor) => tensor.ElementType switch
    {
        1 => TensorElementType.Float,
        10 => TensorElementType.Float16,
        var other => throw new ModelLoadException(ModelLoadFailure.UnsupportedGraph,
            $"{path}: {tensor.Name} has element type {other}; float and float16 are supported"),
    };

    private static void Need(string path, string kind, string name, bool found)
    {
        if (!found)
        {
            throw new ModelLoadException(
                ModelLoadFailure.UnsupportedGraph,
                $"{path} has no {kind} {name}; a decoder exported with its key-value cache has it "
                + "(Optimum: --task text-generation-with-past)");
        }
    }
}
