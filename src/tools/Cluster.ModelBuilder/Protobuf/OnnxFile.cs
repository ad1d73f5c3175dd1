namespace Cluster.ModelBuilder.Protobuf;

/// <summary>
/// Writes a model file. Phases: (1) decide where the weights go; (2) write the external data, if any; (3) write the model, whose nested
/// lengths
/// are computed first because protobuf wants them before the contents.
/// </summary>
public static class OnnxFile
{
    private const int ExternalAlignment = 4096;
    private const int ExternalBytesMin = 1024;

    /// <param name="externalFromBytes">Weights larger than this together go to a file beside the model (protobuf ends at 2 GB).</param>
    public static void Write(string path, OnnxGraph graph, long externalFromBytes)
    {
        // 1. Small tensors (shapes, scalars) always stay inside: the graph optimiser reads them.
        var external = graph.Initializers.Sum(tensor => tensor.BytesCount) > externalFromBytes;
        var dataName = Path.GetFileName(path) + ".data";
        var headers = new List<(ProtoWriter Header, TensorData? Inside)>();

        // 2.
        using (var data = external ? File.Create(Path.Combine(Path.GetDirectoryName(path)!, dataName), 1 << 20) : null)
        {
            foreach (var tensor in graph.Initializers)
            {
                var header = Header(tensor);
                if (data is null || tensor.BytesCount < ExternalBytesMin)
                {
                    headers.Add((header, tensor));
                    continue;
                }

                data.Write(new byte[(ExternalAlignment - (data.Position % ExternalAlignment)) % ExternalAlignment]);
                header.Message(13, Entry("location", dataName));
                header.Message(13, Entry("offset", $"{data.Position}"));
                header.Message(13, Entry("length", $"{tensor.BytesCount}"));
                header.Number(14, 1);
                WriteExactly(tensor, data);
                headers.Add((header, null));
            }
        }

        // 3.
        foreach (var (header, inside) in headers)
        {
            if (inside is not null)
            {
                header.LengthPrefix(9, inside.BytesCount);
            }
        }

        var graphHead = graph.WriteHead();
        var graphLength = (long)graphHead.Written.Length;
        foreach (var (header, inside) in headers)
        {
            graphLength += Prefix(5, TensorLength(header, inside)).Length + TensorLength(header, inside);
        }

        using var file = File.Create(path, 1 << 20);
        file.Write(ModelHead().Written);
        file.Write(Prefix(7, graphLength));
        file.Write(graphHead.Written);
        foreach (var (header, inside) in headers)
        {
            file.Write(Prefix(5, TensorLength(header, inside)));
            file.Write(header.Written);
            if (inside is not null)
            {
                WriteExactly(inside, file);
            }
        }
    }

    private static long TensorLength(ProtoWriter header, TensorData? inside) => header.Written.Length + (inside?.BytesCount ?? 0);

    private static ReadOnlySpan<byte> Prefix(int field, long length)
    {
        var writer = new ProtoWriter();
        writer.LengthPrefix(field, length);
        return writer.Written;
    }

    private static ProtoWriter Header(TensorData tensor)
    {
        var writer = new ProtoWriter();
        foreach (var dimension in tensor.Dimensions)
        {
            writer.Number(1, dimension);
        }

        writer.Number(2, (long)tensor.Type);
        writer.Text(8, tensor.Name);
        return writer;
    }

    private static ProtoWriter Entry(string key, string value)
    {
        var writer = new ProtoWriter();
        writer.Text(1, key);
        writer.Text(2, value);
        return writer;
    }

    private static ProtoWriter ModelHead()
    {
        var writer = new ProtoWriter();
        writer.Number(1, 10);
        writer.Text(2, "Cluster.ModelBuilder");
        writer.Message(8, Opset("", 21));
        writer.Message(8, Opset("com.microsoft", 1));
        return writer;
    }

    private static ProtoWriter Opset(string domain, long version)
    {
        var writer = new ProtoWriter();
        writer.Text(1, domain);
        writer.Number(2, version);
        return writer;
    }

    private static void WriteExactly(TensorData tensor, Stream stream)
    {
        var before = stream.Position;
        tensor.Write(stream);
        if (stream.Position - before != tensor.BytesCount)
        {
            throw new InvalidOperationException($"{tensor.Name}: {stream.Position - before} bytes written, {tensor.BytesCount} announced");
        }
    }
}
