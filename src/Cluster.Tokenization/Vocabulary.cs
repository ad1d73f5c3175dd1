using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Cluster.Tokenization;

/// <summary>
/// What every token of a model spells, in bytes. Immutable; one instance per model, shared by masks, detokenizer and journal.
/// </summary>
/// <remarks>
/// Ids run from 0 to <see cref="Size"/> - 1. An id may spell nothing (padding of the embedding matrix): it is never allowed by a mask.
/// Special tokens (end of sequence, chat markers) are never matched as text, whatever they are named.
/// </remarks>
public sealed class Vocabulary
{
    private readonly bool[] _special;

    /// <param name="bytesById">Spelling of each id; an empty entry is an unused id.</param>
    /// <param name="specialIds">Ids that are markers, never text.</param>
    /// <param name="endIds">Ids that end a sequence; the first is the canonical one.</param>
    public Vocabulary(IReadOnlyList<byte[]> bytesById, IEnumerable<int> specialIds, IEnumerable<int> endIds)
    {
        Texts = new TokenTexts([.. bytesById]);
        _special = new bool[Texts.Count];
        foreach (int id in specialIds) _special[id] = true;
        EndIds = [.. endIds];
        foreach (int id in EndIds) _special[id] = true;
        Fingerprint = ComputeFingerprint();
    }

    /// <summary>Number of ids, unused ones included.</summary>
    public int Size => Texts.Count;

    /// <summary>The spellings alone.</summary>
    public TokenTexts Texts { get; }

    /// <summary>Ids that end a sequence.</summary>
    public ImmutableArray<int> EndIds { get; }

    /// <summary>Lower-case hex SHA-256 over every id's spelling and kind: equal fingerprints mean interchangeable masks.</summary>
    public string Fingerprint { get; }

    /// <summary>The bytes that token <paramref name="id"/> spells; empty for unused ids.</summary>
    public ReadOnlySpan<byte> BytesOf(int id) => Texts[id];

    public bool IsSpecial(int id) => _special[id];

    public bool IsEnd(int id) => EndIds.Contains(id);

    private string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> header = stackalloc byte[5];
        for (int id = 0; id < Texts.Count; id++)
        {
            BitConverter.TryWriteBytes(header, Texts[id].Length);
            header[4] = (byte)((_special[id] ? 1 : 0) | (IsEnd(id) ? 2 : 0));
            hash.AppendData(header);
            hash.AppendData(Texts[id]);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
