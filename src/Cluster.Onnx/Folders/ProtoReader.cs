namespace Cluster.Onnx.Folders;

/// <summary>One protobuf message or field within a file: walks the fields of a message, skipping what nobody reads.</summary>
internal readonly struct ProtoReader
{
    private readonly FileStream _file;

    /// <param name="end">Position in the file behind the message.</param>
    public ProtoReader(FileStream file, long end, long value = 0)
    {
        _file = file;
        End = end;
        Value = value;
    }

    public long End { get; }

    /// <summary>The value of a number field.</summary>
    public long Value { get; }

    public long Length => End - _file.Position;

    public bool Next(out int field, out ProtoReader reader)
    {
        (field, reader) = (0, default);
        if (_file.Position >= End)
        {
            return false;
        }

        var tag = Varint();
        field = (int)(tag >> 3);
        reader = (tag & 7) switch
        {
            0 => Number(),
            1 => new ProtoReader(_file, _file.Position + 8),
            2 => Sized(),
            5 => new ProtoReader(_file, _file.Position + 4),
            _ => throw new InvalidDataException("not an ONNX file"),
        };
        return reader.End <= End ? true : throw new InvalidDataException("the file is truncated");
    }

    public byte[] Bytes()
    {
        var bytes = new byte[Length];
        _file.ReadExactly(bytes);
        return bytes;
    }

    public void SkipTo(long position) => _file.Position = position;

    private ProtoReader Number()
    {
        var value = Varint();
        return new ProtoReader(_file, _file.Position, value);
    }

    private ProtoReader Sized()
    {
        var length = Varint();
        return length >= 0 && length <= End
            ? new ProtoReader(_file, _file.Position + length)
            : throw new InvalidDataException("the file is truncated");
    }

    private long Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = _file.ReadByte();
            if (next < 0)
            {
                throw new InvalidDataException("the file is truncated");
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)value;
            }
        }

        throw new InvalidDataException("not an ONNX file");
    }
}
