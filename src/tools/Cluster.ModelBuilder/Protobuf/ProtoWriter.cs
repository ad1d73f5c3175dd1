using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Cluster.ModelBuilder.Protobuf;

/// <summary>The four wire types that an ONNX file needs, into a growing buffer. ONNX messages are few and small beside the weights, so a
/// nested message is simply written to a buffer of its own first.</summary>
public sealed class ProtoWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public void Number(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
    }

    public void Number(int field, float value)
    {
        Varint((ulong)field << 3 | 5);
        BinaryPrimitives.WriteSingleLittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public void Message(int field, ProtoWriter message) => Bytes(field, message.Written);

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        LengthPrefix(field, value.Length);
        _buffer.Write(value);
    }

    /// <summary>Announces a field of so many bytes, which the caller appends to the output by itself.</summary>
    public void LengthPrefix(int field, long length)
    {
        Varint((ulong)field << 3 | 2);
        Varint((ulong)length);
    }

    private void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }

        Byte((byte)value);
    }

    private void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }
}
