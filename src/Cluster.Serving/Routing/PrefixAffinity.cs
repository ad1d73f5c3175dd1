using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;

namespace Cluster.Serving.Routing;

/// <summary>How strongly sequences go where the beginning of their prompt has been processed before.</summary>
public sealed record AffinityOptions
{
    /// <summary>Tokens of one block; prompts are compared block by block.</summary>
    /// <remarks>Smaller finds shorter common beginnings and remembers more blocks for it.</remarks>
    [Range(4, 4096)]
    public int BlockTokens { get; init; } = 32;

    /// <summary>Blocks remembered, over all models.</summary>
    /// <remarks>About 100 bytes each. Replicas forget, too: remembering more than their caches hold finds nothing.</remarks>
    [Range(2, 100_000_000)]
    public int BlocksMax { get; init; } = 65_536;

    /// <summary>Outstanding tokens by which a replica may be busier than another for each token of the prompt that it need not process again; 0 turns affinity off.</summary>
    /// <remarks>Outstanding tokens are mostly decode steps that many sequences share, so one prompt token outweighs several. Raise it where prompts are long and answers short.</remarks>
    [Range(0.0, 1000.0)]
    public double TokensPerSharedToken { get; init; } = 4;
}

/// <summary>
/// Which replica has processed the beginning of a prompt last: a map from chained hashes of token blocks to replicas. Thread-safe.
/// </summary>
/// <remarks>
/// It is a guess about other processes' caches, so it needs no exactness: a wrong one costs a prompt pass. Two generations bound it: when the younger
/// is full it becomes the older, and the older is forgotten; what is used is young again.
/// Rejected: a consistent hash of the first block. Where all prompts begin alike it would send all of them to one replica and know nothing better.
/// </remarks>
public sealed class PrefixAffinity
{
    private readonly AffinityOptions _options;
    private readonly Lock _gate = new();
    private readonly Counter<long>? _picks;
    private Dictionary<ulong, string> _young = [];
    private Dictionary<ulong, string> _old = [];

    public PrefixAffinity(AffinityOptions options, IMeterFactory? meters = null)
    {
        _options = options;
        Meter? meter = meters?.Create("Cluster.Serving");
        _picks = meter?.CreateCounter<long>("cluster.routing.affinity_picks", "{sequence}", "Sequences sent where the beginning of their prompt was processed before.");
        meter?.CreateObservableUpDownCounter("cluster.routing.affinity_blocks", () => Blocks, "{block}", "Prompt blocks remembered.");
    }

    /// <summary>Blocks remembered.</summary>
    public int Blocks
    {
        get { lock (_gate) return _young.Count + _old.Count; }
    }

    /// <summary>The replica that knows the longest beginning of the prompt, and by how many outstanding tokens it may be the busier one; null where none does.</summary>
    /// <param name="cacheKey">The caller's own word for requests that belong together: only those with the same one are compared.</param>
    public (string? ReplicaId, double Worth) Find(string modelId, string? cacheKey, ReadOnlySpan<int> prompt)
    {
        (string? ReplicaId, int Tokens) best = (null, 0);
        ulong hash = SeedOf(modelId, cacheKey);
        lock (_gate)
        {
            // Requests that share a key and not yet a block are a tie-break's worth together.
            if (cacheKey is not null && TryGet(hash, out string? ofKey)) best = (ofKey, 1);
            for (int end = _options.BlockTokens; end <= prompt.Length; end += _options.BlockTokens)
            {
                hash = Chain(hash, prompt[(end - _options.BlockTokens)..end]);
                if (!TryGet(hash, out string? replicaId)) break;
                best = (replicaId, end);
            }
        }
        return (best.ReplicaId, best.Tokens * _options.TokensPerSharedToken);
    }

    /// <summary>The replica processes this prompt.</summary>
    /// <param name="isAffine">It was picked for what it knows of it.</param>
    public void Remember(string modelId, string? cacheKey, ReadOnlySpan<int> prompt, string replicaId, bool isAffine)
    {
        if (isAffine) _picks?.Add(1);
        ulong hash = SeedOf(modelId, cacheKey);
        lock (_gate)
        {
            if (cacheKey is not null) Put(hash, replicaId);
            for (int end = _options.BlockTokens; end <= prompt.Length; end += _options.BlockTokens)
            {
                hash = Chain(hash, prompt[(end - _options.BlockTokens)..end]);
                Put(hash, replicaId);
            }
        }
    }

    private bool TryGet(ulong hash, out string? replicaId)
    {
        if (_young.TryGetValue(hash, out replicaId)) return true;
        if (!_old.Remove(hash, out replicaId)) return false;
        Put(hash, replicaId);
        return true;
    }

    private void Put(ulong hash, string replicaId)
    {
        _old.Remove(hash);
        if (!_young.ContainsKey(hash) && _young.Count >= _options.BlocksMax / 2) (_young, _old) = ([], _young);
        _young[hash] = replicaId;
    }

    private static ulong SeedOf(string modelId, string? cacheKey) => StableHash.Of(cacheKey ?? "", StableHash.Of(modelId));

    private static ulong Chain(ulong hash, ReadOnlySpan<int> block)
    {
        foreach (int token in block) hash = StableHash.Mix(hash, (uint)token);
        return hash;
    }
}
