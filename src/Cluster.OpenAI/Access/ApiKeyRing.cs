using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Cluster.Decoding;

namespace Cluster.OpenAI.Access;

/// <summary>The keys in force. Replaced as a whole when their file changes; readers see one snapshot.</summary>
public sealed class ApiKeyRing
{
    private const int PresentedCharactersMax = 512;

    private ImmutableArray<ApiKey> _keys;

    /// <exception cref="ValidationException">Lists every fault; the keys in force stay.</exception>
    public ApiKeyRing(IEnumerable<ApiKeyConfig> keys, int keysMax = int.MaxValue) => _keys = Read(keys, keysMax);

    /// <summary>No keys are configured: callers are anonymous.</summary>
    public bool IsEmpty => _keys.IsEmpty;

    public ImmutableArray<ApiKey> Keys => _keys;

    /// <inheritdoc cref="ApiKeyRing(IEnumerable{ApiKeyConfig}, int)"/>
    public void Replace(IEnumerable<ApiKeyConfig> keys, int keysMax)
    {
        ImmutableArray<ApiKey> read = Read(keys, keysMax);
        ImmutableInterlocked.InterlockedExchange(ref _keys, read);
    }

    /// <summary>The key that was presented, or null. Takes as long for a near miss as for a far one: every digest is compared in constant time.</summary>
    public ApiKey? Find(ReadOnlySpan<char> presented)
    {
        if (presented.Length is 0 or > PresentedCharactersMax) return null;
        Span<byte> bytes = stackalloc byte[PresentedCharactersMax * 3];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(presented, bytes)], digest);
        ApiKey? found = null;
        foreach (ApiKey key in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(key.Digest.AsSpan(), digest)) found = key;
        }
        return found;
    }

    private static ImmutableArray<ApiKey> Read(IEnumerable<ApiKeyConfig> configs, int keysMax)
    {
        ApiKeyConfig[] all = [.. configs];
        var faults = new List<string>();
        foreach (ApiKeyConfig config in all)
        {
            faults.AddRange(OptionsCheck.FaultsOf(config).Select(fault => $"key '{config.Id}': {fault}"));
        }
        faults.AddRange(all.GroupBy(key => key.Id, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => $"two keys have the id '{group.Key}'"));
        faults.AddRange(all.GroupBy(key => key.Hash, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => $"two ids have the same key: '{string.Join("', '", group.Select(key => key.Id))}'"));
        if (all.Length > keysMax) faults.Add($"{all.Length} keys; at most {keysMax} (Access:KeysMax)");
        return faults.Count == 0 ? [.. all.Select(ApiKey.From)] : throw new ValidationException(string.Join("; ", faults));
    }
}
