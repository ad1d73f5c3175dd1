namespace Cluster.Decoding.Models;

/// <summary>What the engine must know about a loaded model. Immutable.</summary>
public sealed record ModelInfo
{
    public required string Id { get; init; }

    /// <summary><c>cpu</c>, <c>cuda:0</c>, …</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Length of a row of logits. May exceed the tokenizer's vocabulary (padding of the embedding matrix): the surplus is never
    /// sampled.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Positions of one slot: prompt and output of a sequence fit into it together.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Slots of the pool.</summary>
    public required int Slots { get; init; }

    /// <summary>Positions that all slots together can hold, where that is less than slots times context (paged caches).</summary>
    public long CacheTokensMax { get; init; } = long.MaxValue;

    /// <summary>Bytes of keys and values per position, all layers.</summary>
    public long CacheBytesPerToken { get; init; }

    public ModelCapabilities Capabilities { get; init; } = new();
}

/// <summary>What one step may hold. The defaults are what a GroupQueryAttention graph takes on the CPU provider.</summary>
public sealed record ModelCapabilities
{
    /// <summary>
    /// False: decode rows lie in adjacent slots, ascending, and chunks run beside them, not among them.
    /// True: rows of any length on any slots, in one run; every row then counts as a chunk or a decode row by its length only.
    /// </summary>
    public bool MixedBatches { get; init; }

    /// <summary>Most decode rows of one step; at most <see cref="ModelInfo.Slots"/>.</summary>
    public int DecodeRowsMax { get; init; } = int.MaxValue;

    /// <summary>Most rows with several tokens in one step.</summary>
    public int ChunkRowsMax { get; init; } = 1;

    /// <summary>Most tokens of one chunk.</summary>
    public int ChunkTokensMax { get; init; } = int.MaxValue;

    /// <summary>The graph has its full head: <see cref="LogitsWanted.All"/> can be asked for. Without it there is no
    /// speculation.</summary>
    public bool LogitsAtEveryToken { get; init; }
}
