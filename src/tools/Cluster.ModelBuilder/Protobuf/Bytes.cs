using System.Runtime.InteropServices;

namespace Cluster.ModelBuilder.Protobuf;

internal static class Bytes
{
    public static void Write<T>(Stream stream, ReadOnlySpan<T> values)
        where T : unmanaged => stream.Write(MemoryMarshal.AsBytes(values));
}
