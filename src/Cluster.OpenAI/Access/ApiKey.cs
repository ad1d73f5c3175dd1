using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Cluster.OpenAI.Access;

/// <summary>One key and what it may do; an immutable snapshot.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Digest">SHA-256 of the key.</param>
public sealed record ApiKey(string Id, ImmutableArray<byte> Digest)
{
    /// <summary>Marks where a key ends up by mistake, so that scanners find it.</summary>
    public const string Prefix = "sk-cluster-";

    private const string HashPrefix = "sha256:";
    private const int SecretBytes = 32;

    /// <summary>Null is all.</summary>
    public ImmutableHashSet<string>? Models { get; init; }
    public bool IsAdmin { get; init; }

    /// <summary>0 is no limit, here and below.</summary>
    public int RequestsPerMinute { get; init; }
    public int TokensPerMinute { get; init; }
    public int StreamsMax { get; init; }
    public double Weight { get; init; } = 1;

    public bool MayUse(string modelId) => Models is null || Models.Contains(modelId);

    public static ApiKey From(ApiKeyConfig config) => new(config.Id, [.. Convert.FromHexString(config.Hash.AsSpan(HashPrefix.Length))])
    {
        Models = config.Models.Count == 0 ? null : config.Models.ToImmutableHashSet(StringComparer.Ordinal),
        IsAdmin = config.IsAdmin,
        RequestsPerMinute = config.RequestsPerMinute,
        TokensPerMinute = config.TokensPerMinute,
        StreamsMax = config.StreamsMax,
        Weight = config.Weight,
    };

    /// <summary>Whoever calls without a key where that is allowed.</summary>
    public static ApiKey Anonymous(bool isAdmin) => new("anonymous", []) { IsAdmin = isAdmin };

    /// <summary>A new random key, to be shown once.</summary>
    public static string Create() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>What the configuration holds of a key.</summary>
    public static string HashOf(string key) => HashPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
