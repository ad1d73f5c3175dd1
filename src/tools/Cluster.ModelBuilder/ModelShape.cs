namespace Cluster.ModelBuilder;

/// <summary>What a layer's attention sees.</summary>
public enum LayerKind
{
    /// <summary>All positions up to its own.</summary>
    Full,

    /// <summary>The last <see cref="ModelShape.SlidingWindow"/> positions, its own included.</summary>
    Sliding,

    /// <summary>All positions, without a rotary embedding (SmolLM3).</summary>
    Unrotated,
}

/// <summary>Everything about a decoder that its graph depends on, without the weights. Immutable.</summary>
public sealed record ModelShape
{
    /// <summary><c>llama</c>, <c>qwen2</c>, …; goes to genai_config.json.</summary>
    public string Family { get; init; } = "llama";

    public required int Hidden { get; init; }

    public required int Intermediate { get; init; }

    public required int Layers { get; init; }

    public required int Heads { get; init; }

    public required int KeyValueHeads { get; init; }

    public required int HeadSize { get; init; }

    public required int Vocabulary { get; init; }

    public required int ContextLength { get; init; }

    public float NormEpsilon { get; init; } = 1e-6f;

    public double RopeTheta { get; init; } = 10_000;

    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Query, key and value projections have a bias (Qwen2).</summary>
    public bool QkvBias { get; init; }

    /// <summary>Each query and key head has a norm before its rotation (Qwen3, Gemma 3).</summary>
    public bool HeadNorms { get; init; }

    /// <summary>Attention and feed-forward are normalised before they are added, too (Gemma 2 and 3).</summary>
    public bool BranchNorms { get; init; }

    /// <summary>The gate is the tanh form of GELU instead of SiLU (Gemma).</summary>
    public bool GeluGate { get; init; }

    /// <summary>Embeddings are multiplied by it (Gemma).</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>Products of queries and keys are multiplied by it; null is one over the root of the head size.</summary>
    public float? AttentionScale { get; init; }

    /// <summary>Bounds scaled products c to c tanh(x / c); 0 does not (Gemma 2).</summary>
    public float AttentionSoftcap { get; init; }

    /// <summary>The same for logits.</summary>
    public float LogitSoftcap { get; init; }

    /// <summary>One per layer; empty is <see cref="LayerKind.Full"/> everywhere.</summary>
    public LayerKind[] LayerKinds { get; init; } = [];

    /// <summary>Positions that a sliding layer sees.</summary>
    public int SlidingWindow { get; init; }

    /// <summary>Base of the rotary frequencies of sliding layers, which are not scaled; null is like all others (Gemma 3).</summary>
    public double? SlidingRopeTheta { get; init; }

    /// <summary>The part of a head that is rotated (Phi-4-mini).</summary>
    public double RotaryFraction { get; init; } = 1;

    /// <summary>The head is the embedding matrix.</summary>
    public bool TiedEmbeddings { get; init; }

    public int? BosToken { get; init; }

    public int? PadToken { get; init; }

    public int[] EosTokens { get; init; } = [];

    public int QueryWidth => Heads * HeadSize;

    /// <summary>Values of a head that are rotated.</summary>
    public int RotaryWidth => (int)(HeadSize * RotaryFraction);

    /// <summary>Llama or Qwen2 and nothing else: what every layout's graph has.</summary>
    public bool IsPlain => !HeadNorms && !BranchNorms && !GeluGate && EmbeddingScale == 1 && AttentionScale is null && AttentionSoftcap == 0
        && LogitSoftcap == 0 && LayerKinds.Length == 0 && RotaryFraction == 1;

    public LayerKind KindOf(int layer) => LayerKinds.Length == 0 ? LayerKind.Full : LayerKinds[layer];

    public int KeyValueWidth => KeyValueHeads * HeadSize;

    /// <summary>Shapes of well-known models, for measuring speed with random weights.</summary>
    public static IReadOnlyDictionary<string, ModelShape> Known { get; } =
        new Dictionary<string, ModelShape>(StringComparer.OrdinalIgnoreCase)
    {
        ["tiny"] = new() { Hidden = 64, Intermediate = 128, Layers = 2, Heads = 4, KeyValueHeads = 2, HeadSize = 16, Vocabulary = 320,
            ContextLength = 256, TiedEmbeddings = true, EosTokens = [1] },
        ["smollm2-135m"] = new() { Hidden = 576, Intermediate = 1536, Layers = 30, Heads = 9, KeyValueHeads = 3, HeadSize = 64,
            Vocabulary = 49_152, ContextLength = 8192, NormEpsilon = 1e-5f, RopeTheta = 100_000, TiedEmbeddings = true, EosTokens = [2] },
        ["qwen2.5-0.5b"] = new() { Family = "qwen2", Hidden = 896, Intermediate = 4864, Layers = 24, Heads = 14, KeyValueHeads = 2,
            HeadSize = 64, Vocabulary = 151_936, ContextLength = 32_768, RopeTheta = 1_000_000, QkvBias = true, TiedEmbeddings = true,
            EosTokens = [151_645, 151_643] },
        ["qwen2.5-1.5b"] = new() { Family = "qwen2", Hidden = 1536, Intermediate = 8960, Layers = 28, Heads = 12, KeyValueHeads = 2,
            HeadSize = 128, Vocabulary = 151_936, ContextLength = 32_768, RopeTheta = 1_000_000, QkvBias = true, TiedEmbeddings = true,
            EosTokens = [151_645, 151_643] },
        ["llama-3.2-1b"] = new() { Hidden = 2048, Intermediate = 8192, Layers = 16, Heads = 32, KeyValueHeads = 8, HeadSize = 64,
            Vocabulary = 128_256, ContextLength = 131_072, NormEpsilon = 1e-5f, RopeTheta = 500_000, TiedEmbeddings = true,
            EosTokens = [128_009] },
    };
}

/// <summary>How a model stretches its rotary frequencies: <c>linear</c>, <c>llama3</c> with its band limits, or <c>longrope</c> with a factor
/// per frequency.</summary>
public sealed record RopeScaling(string Kind, double Factor, double LowFrequencyFactor = 1, double HighFrequencyFactor = 4,
    int OriginalContextLength = 8192)
{
    /// <summary>Of <c>longrope</c>: one per frequency, for contexts up to the original length.</summary>
    public double[] ShortFactors { get; init; } = [];

    /// <summary>The same for longer ones.</summary>
    public double[] LongFactors { get; init; } = [];
}
