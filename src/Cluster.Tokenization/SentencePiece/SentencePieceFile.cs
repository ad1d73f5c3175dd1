using System.Buffers.Binary;

namespace Cluster.Tokenization.SentencePiece;

/// <summary>What a piece is, by its number in the file.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

internal readonly record struct Piece(byte[] Form, float Score, PieceKind Kind);

/// <summary>
/// The protocol buffer of a SentencePiece model, as far as encoding needs it: pieces (field 1), trainer settings (2), normalizer settings (3).
/// Field numbers: https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
/// </summary>
internal sealed class SentencePieceFile
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    /// <exception cref="TokenizerException">The bytes are no such model.</exception>
    public SentencePieceFile(ReadOnlySpan<byte> file, int piecesMax)
    {
        var pieces = new List<Piece>();
        for (var rest = file; !rest.IsEmpty;)
        {
            FieldValue value = Next(ref rest);
            if (value.Field == 1) pieces.Add(ReadPiece(value.Content));
            else if (value.Field == 2) ReadTrainer(value.Content);
            else if (value.Field == 3) ReadNormalizer(value.Content);
            if (pieces.Count > piecesMax) throw TokenizerException.Malformed("the vocabulary is larger than VocabularySizeMax");
        }
        if (pieces.Count == 0) throw TokenizerException.Malformed("a SentencePiece model without pieces");
        Pieces = [.. pieces];
    }

    public Piece[] Pieces { get; }

    /// <summary>1 Unigram, 2 BPE, 3 words, 4 characters.</summary>
    public int ModelType { get; private set; } = 1;

    public bool ByteFallback { get; private set; }

    public int UnknownId { get; private set; }

    /// <summary>-1 for none.</summary>
    public int BeginId { get; private set; } = 1;

    /// <summary>-1 for none.</summary>
    public int EndId { get; private set; } = 2;

    /// <summary>White space is written behind words, not before them.</summary>
    public bool SpaceIsSuffix { get; private set; }

    public byte[] CharacterMap { get; private set; } = [];

    public bool AddsPrefix { get; private set; } = true;

    public bool RemovesExtraSpaces { get; private set; } = true;

    public bool EscapesSpaces { get; private set; } = true;

    private static Piece ReadPiece(ReadOnlySpan<byte> message)
    {
        byte[] form = [];
        float score = 0;
        var kind = PieceKind.Normal;
        while (!message.IsEmpty)
        {
            FieldValue value = Next(ref message);
            if (value.Field == 1) form = value.Content.ToArray();
            else if (value.Field == 2) score = BitConverter.UInt32BitsToSingle((uint)value.Number);
            else if (value.Field == 3) kind = (PieceKind)value.Number;
        }
        return new Piece(form, score, kind);
    }

    private void ReadTrainer(ReadOnlySpan<byte> message)
    {
        while (!message.IsEmpty)
        {
            FieldValue value = Next(ref message);
            if (value.Field == 3) ModelType = (int)value.Number;
            else if (value.Field == 24) SpaceIsSuffix = value.Number != 0;
            else if (value.Field == 35) ByteFallback = value.Number != 0;
            else if (value.Field == 40) UnknownId = (int)value.Number;
            else if (value.Field == 41) BeginId = (int)value.Number;
            else if (value.Field == 42) EndId = (int)value.Number;
        }
    }

    private void ReadNormalizer(ReadOnlySpan<byte> message)
    {
        while (!message.IsEmpty)
        {
            FieldValue value = Next(ref message);
            if (value.Field == 2) CharacterMap = value.Content.ToArray();
            else if (value.Field == 3) AddsPrefix = value.Number != 0;
            else if (value.Field == 4) RemovesExtraSpaces = value.Number != 0;
            else if (value.Field == 5) EscapesSpaces = value.Number != 0;
        }
    }

    private static FieldValue Next(scoped ref ReadOnlySpan<byte> message)
    {
        ulong key = ReadVarint(ref message);
        int type = (int)(key & 7);
        ReadOnlySpan<byte> content = default;
        ulong number = 0;
        switch (type)
        {
            case Varint:
                number = ReadVarint(ref message);
                break;
            case Fixed32:
                number = BinaryPrimitives.ReadUInt32LittleEndian(Take(ref message, 4));
                break;
            case Fixed64:
                number = BinaryPrimitives.ReadUInt64LittleEndian(Take(ref message, 8));
                break;
            case Bytes:
                ulong length = ReadVarint(ref message);
                content = length <= (ulong)message.Length ? Take(ref message, (int)length) : throw Malformed();
                break;
            default:
                throw Malformed();
        }
        return new FieldValue((int)(key >> 3), content, number);
    }

    private static ulong ReadVarint(scoped ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte next = Take(ref message, 1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        throw Malformed();
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> message, int count)
    {
        if (message.Length < count) throw Malformed();
        ReadOnlySpan<byte> taken = message[..count];
        message = message[count..];
        return taken;
    }

    private static TokenizerException Malformed() => TokenizerException.Malformed("the file is no SentencePiece model");

    /// <summary>A field of a message: its bytes or its number.</summary>
    private readonly ref struct FieldValue(int field, ReadOnlySpan<byte> content, ulong number)
    {
        public readonly int Field = field;
        public readonly ReadOnlySpan<byte> Content = content;
        public readonly ulong Number = number;
    }
}
