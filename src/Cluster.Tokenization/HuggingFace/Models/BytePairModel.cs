using System.Buffers;
using System.Text;

namespace Cluster.Tokenization.HuggingFace.Models;

/// <summary>Knobs of a BPE model, as tokenizer.json names them.</summary>
internal sealed record BytePairConfig
{
    public bool ByteLevel { get; init; }

    public bool IgnoreMerges { get; init; }

    public bool ByteFallback { get; init; }

    public bool FuseUnknown { get; init; }

    public string? UnknownToken { get; init; }

    public string ContinuingPrefix { get; init; } = "";

    public string EndSuffix { get; init; } = "";
}

/// <summary>
/// Byte pair encoding: start from single symbols, merge the neighbouring pair of the lowest rank, leftmost first, until none is left.
/// </summary>
/// <remarks>
/// Symbols are ids from the start, so a merge is one probe of <see cref="MergeTable"/> and no string is built. Words of up to
/// <see cref="BytePairMerger.ShortMax"/> symbols scan for the lowest rank (quadratic, but in registers); longer ones use a heap.
/// </remarks>
internal sealed class BytePairModel : TokenModel
{
    private const int Unknown = -1;

    private readonly BytePairConfig _config;
    private readonly MergeTable _merges;
    private readonly int[] _byteIds = new int[256];
    private readonly bool _hasAllBytes;
    private readonly int _unknownId;
    private readonly byte[] _prefix;
    private readonly byte[] _suffix;

    public BytePairModel(BytePairConfig config, TokenTable table, MergeTable merges) : base(table)
    {
        _config = config;
        _merges = merges;
        _prefix = Encoding.UTF8.GetBytes(config.ContinuingPrefix);
        _suffix = Encoding.UTF8.GetBytes(config.EndSuffix);
        _unknownId = config.UnknownToken is null ? -1 : table.Find(Encoding.UTF8.GetBytes(config.UnknownToken));
        for (int value = 0; value < 256; value++)
        {
            byte[] form = config.ByteLevel ? [(byte)value] : Encoding.UTF8.GetBytes($"<0x{value:X2}>");
            _byteIds[value] = table.Find(form);
        }
        _hasAllBytes = !_byteIds.Contains(-1);
    }

    public override bool TakesBytes => _config.ByteLevel;

    public override void Encode(ReadOnlySpan<byte> piece, List<int> ids)
    {
        if (_config.IgnoreMerges)
        {
            int whole = Table.Find(piece);
            if (whole >= 0)
            {
                ids.Add(whole);
                return;
            }
        }
        int[]? rented = null;
        Span<int> symbols = piece.Length <= 128 ? stackalloc int[128] : (rented = ArrayPool<int>.Shared.Rent(piece.Length));
        int count = _config.ByteLevel ? ByteSymbols(piece, symbols) : CharSymbols(piece, symbols);
        count = BytePairMerger.Merge(symbols[..count], _merges);
        Append(symbols[..count], ids);
        if (rented is not null) ArrayPool<int>.Shared.Return(rented);
    }

    private int ByteSymbols(ReadOnlySpan<byte> piece, Span<int> symbols)
    {
        for (int i = 0; i < piece.Length; i++) symbols[i] = _byteIds[piece[i]];
        return piece.Length;
    }

    private int CharSymbols(ReadOnlySpan<byte> piece, Span<int> symbols)
    {
        int count = 0;
        bool decorated = _prefix.Length + _suffix.Length > 0;
        for (int start = 0, length; start < piece.Length; start += length)
        {
            length = Utf8LengthAt(piece, start);
            ReadOnlySpan<byte> symbol = piece.Slice(start, length);
            bool last = start + length == piece.Length;
            int id = Table.Find(decorated ? Decorate(symbol, first: start == 0, last) : symbol);
            if (id < 0 && _config.ByteFallback && HasBytesOf(symbol))
            {
                foreach (byte value in symbol) symbols[count++] = _byteIds[value];
                continue;
            }
            symbols[count++] = id < 0 ? Unknown : id;
        }
        return count;
    }

    private bool HasBytesOf(ReadOnlySpan<byte> symbol)
    {
        if (_hasAllBytes) return true;
        foreach (byte value in symbol)
        {
            if (_byteIds[value] < 0) return false;
        }
        return true;
    }

    private byte[] Decorate(ReadOnlySpan<byte> symbol, bool first, bool last) =>
        [.. first ? [] : _prefix, .. symbol, .. last ? _suffix : []];

    private void Append(ReadOnlySpan<int> symbols, List<int> ids)
    {
        bool afterUnknown = false;
        foreach (int symbol in symbols)
        {
            if (symbol != Unknown) ids.Add(symbol);
            // Without an unknown token what the vocabulary lacks is dropped.
            else if (_unknownId >= 0 && !(afterUnknown && _config.FuseUnknown)) ids.Add(_unknownId);
            afterUnknown = symbol == Unknown;
        }
    }

    internal static int Utf8LengthAt(ReadOnlySpan<byte> text, int index) => text[index] switch
    {
        < 0x80 => 1,
        < 0xE0 => 2,
        < 0xF0 => 3,
        _ => 4,
    };
}
