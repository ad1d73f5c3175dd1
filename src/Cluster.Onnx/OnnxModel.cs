using Cluster.Decoding.Models;
using Cluster.Onnx.Folders;
using Cluster.Onnx.Memory;
using Cluster.Onnx.Sessions;

namespace Cluster.Onnx;

/// <summary>
/// Loads a model folder behind <see cref="IModel"/>. Phases: (1) options; (2) the folder's layout, without loading weights; (3) sizes
/// against
/// memory; (4) session and a first run; (5) vocabulary; (6) the pool and the model.
/// </summary>
public static class OnnxModel
{
    private const int ContextLengthDefaultMax = 4096;

    /// <exception cref="ModelLoadException">The folder cannot be served, and why.</exception>
    public static IModel Load(OnnxModelOptions options)
    {
        // 1.
        if (options.Violations() is { Count: > 0 } violations)
        {
            throw new ModelLoadException(ModelLoadFailure.InvalidOptions, string.Join(" ", violations));
        }

        // 2.
        var layout = ModelFolder.Read(options.Folder, options.GraphFile, options.Dtype);
        var contextLength = options.ContextLength == 0 ? Math.Min(layout.ContextLength, ContextLengthDefaultMax) : options.ContextLength;
        if (contextLength > layout.ContextLength)
        {
            throw new ModelLoadException(ModelLoadFailure.InvalidOptions,
                $"context length {contextLength} exceeds the model's {layout.ContextLength}");
        }

        // 3.
        RequireMemory(layout, options, contextLength);

        // 4.
        var graph = SessionFactory.Open(layout, options);
        try
        {
            // 5.
            if (graph.VocabularySize < options.TokenizerIds)
            {
                throw new ModelLoadException(
                    ModelLoadFailure.VocabularyMismatch,
                    $"the tokenizer has {options.TokenizerIds} ids, {layout.GraphPath} gives {graph.VocabularySize} logits; "
                    + "the tokenizer belongs to another model");
            }

            // 6.
            IModel model = Create(graph, Info(graph, options, contextLength));
            FreedMemory.Return(); // What reading the graph took.
            return model;
        }
        catch (OutOfMemoryException error)
        {
            graph.Dispose();
            throw new ModelLoadException(ModelLoadFailure.TooLarge,
                $"{layout.GraphPath}: no memory for {options.Slots} slots of {contextLength} positions", error);
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    private static IModel Create(LoadedGraph graph, ModelInfo info)
    {
        if (graph.Layout.Style == CacheStyle.Appended)
        {
            return new AppendedCacheModel(graph, info);
        }

        return new SharedCacheModel(graph, info, info.Device == "cpu" ? new HostMemory() : Cuda(graph, info.Device));
    }

    private static CudaMemory Cuda(LoadedGraph graph, string device) => new(graph.Session, CudaProvider.Ordinal(device));

    private static ModelInfo Info(LoadedGraph graph, OnnxModelOptions options, int contextLength) => new()
    {
        Id = options.Id,
        Device = options.Device,
        VocabularySize = graph.VocabularySize,
        ContextLength = contextLength,
        Slots = options.Slots,
        CacheBytesPerToken = graph.Layout.CacheBytesPerToken,
        Capabilities = new ModelCapabilities
        {
            DecodeRowsMax = options.Slots,
            ChunkRowsMax = 1,
            ChunkTokensMax = Math.Min(options.ChunkTokensMax, contextLength),
            LogitsAtEveryToken = !graph.LastTokenOnly,
        },
    };

    private static void RequireMemory(DecoderLayout layout, OnnxModelOptions options, int contextLength)
    {
        // A graph that appends needs its past and its present side by side, beside the pool.
        var copies = layout.Style == CacheStyle.Shared ? 1 : 3;
        var cacheBytes = copies * layout.CacheBytesPerToken * contextLength * options.Slots;
        if (options.CacheBytesMax > 0 && cacheBytes > options.CacheBytesMax)
        {
            throw new ModelLoadException(
                ModelLoadFailure.TooLarge,
                $"{options.Slots} slots of {contextLength} positions take {cacheBytes} bytes, "
                + $"the bound is {options.CacheBytesMax}; lower the slots or the context length");
        }

        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (options.Device == "cpu" && layout.WeightBytes + cacheBytes > available)
        {
            throw new ModelLoadException(
                ModelLoadFailure.TooLarge,
                $"{layout.GraphPath}: {layout.WeightBytes} bytes of weights and "
                + $"{cacheBytes} bytes for {options.Slots} slots of {contextLength} positions exceed the machine's {available}");
        }
    }
}
