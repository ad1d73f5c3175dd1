namespace Cluster.ModelBuilder.Protobuf;

/// <summary>Element types, numbered as in onnx.proto.</summary>
public enum ElementType
{
    Float = 1,
    UInt8 = 2,
    Int32 = 6,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
}

/// <summary>An initializer whose bytes are produced when the file is written: a large model never lies in memory whole.</summary>
public sealed record TensorData(string Name, ElementType Type, long[] Dimensions, long BytesCount, Action<Stream> Write);

/// <summary>A dimension with a name (batch, sequence) or a fixed length.</summary>
public readonly record struct Dimension(string? Name, long Length)
{
    public static implicit operator Dimension(string name) => new(name, 0);

    public static implicit operator Dimension(long length) => new(null, length);
}

/// <summary>
/// A graph under construction: nodes, inputs, outputs and initializers, in the order they were added. Field numbers are those of
/// onnx.proto.
/// </summary>
public sealed class OnnxGraph(string name)
{
    private readonly List<ProtoWriter> _nodes = [];
    private readonly List<ProtoWriter> _inputs = [];
    private readonly List<ProtoWriter> _outputs = [];
    private readonly Dictionary<string, TensorData> _initializers = [];

    public IReadOnlyCollection<TensorData> Initializers => _initializers.Values;

    /// <summary>The node's single output, named as given.</summary>
    public string Node(string operation, string output, string[] inputs, params (string Name, object Value)[] attributes)
    {
        Node(operation, "", inputs, [output], attributes);
        return output;
    }

    /// <summary>A node of the <c>com.microsoft</c> domain with a single output.</summary>
    public string Contrib(string operation, string output, string[] inputs, params (string Name, object Value)[] attributes)
    {
        Node(operation, "com.microsoft", inputs, [output], attributes);
        return output;
    }

    public void Node(string operation, string domain, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        var node = new ProtoWriter();
        foreach (var input in inputs)
        {
            node.Text(1, input);
        }

        foreach (var output in outputs)
        {
            node.Text(2, output);
        }

        node.Text(3, "/" + outputs[0]);
        node.Text(4, operation);
        foreach (var (attribute, value) in attributes)
        {
            node.Message(5, Attribute(attribute, value));
        }

        node.Text(7, domain);
        _nodes.Add(node);
    }

    public void Input(string input, ElementType type, params Dimension[] dimensions) => _inputs.Add(ValueInfo(input, type, dimensions));

    public void Output(string output, ElementType type, params Dimension[] dimensions) => _outputs.Add(ValueInfo(output, type, dimensions));

    /// <summary>Adds an initializer; the same name again is the same tensor.</summary>
    public string Initializer(TensorData tensor)
    {
        _initializers.TryAdd(tensor.Name, tensor);
        return tensor.Name;
    }

    public string Constant(string constant, params long[] values) =>
        Initializer(new TensorData(constant, ElementType.Int64, [values.Length], values.Length * 8L, stream =>
            Bytes.Write<long>(stream, values)));

    public string Scalar(string constant, float value, ElementType type) => Initializer(type == ElementType.Float16
        ? new TensorData(constant, type, [], 2, stream => Bytes.Write<Half>(stream, [(Half)value]))
        : new TensorData(constant, type, [], 4, stream => Bytes.Write<float>(stream, [value])));

    /// <summary>Everything but the initializers, which the file writer appends.</summary>
    public ProtoWriter WriteHead()
    {
        var graph = new ProtoWriter();
        foreach (var node in _nodes)
        {
            graph.Message(1, node);
        }

        graph.Text(2, name);
        foreach (var input in _inputs)
        {
            graph.Message(11, input);
        }

        foreach (var output in _outputs)
        {
            graph.Message(12, output);
        }

        return graph;
    }

    private static ProtoWriter Attribute(string attribute, object value)
    {
        var writer = new ProtoWriter();
        writer.Text(1, attribute);
        switch (value)
        {
            case float number:
                writer.Number(2, number);
                writer.Number(20, 1);
                break;
            case int or long:
                writer.Number(3, Convert.ToInt64(value));
                writer.Number(20, 2);
                break;
            case OnnxGraph branch:
                writer.Message(6, branch.WriteHead());
                writer.Number(20, 5);
                break;
            case long[] numbers:
                foreach (var number in numbers)
                {
                    writer.Number(8, number);
                }

                writer.Number(20, 7);
                break;
            default:
                throw new ArgumentException($"no attribute type for {value.GetType()}", nameof(value));
        }

        return writer;
    }

    private static ProtoWriter ValueInfo(string value, ElementType type, Dimension[] dimensions)
    {
        var shape = new ProtoWriter();
        foreach (var dimension in dimensions)
        {
            var written = new ProtoWriter();
            if (dimension.Name is { } symbol)
            {
                written.Text(2, symbol);
            }
            else
            {
                written.Number(1, dimension.Length);
            }

            shape.Message(1, written);
        }

        var tensor = new ProtoWriter();
        tensor.Number(1, (long)type);
        tensor.Message(2, shape);
        var typeProto = new ProtoWriter();
        typeProto.Message(1, tensor);
        var info = new ProtoWriter();
        info.Text(1, value);
        info.Message(2, typeProto);
        return info;
    }
}
