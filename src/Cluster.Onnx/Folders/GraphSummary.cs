using System.Text;

namespace Cluster.Onnx.Folders;

/// <summary>One graph input or output: its element type as numbered in onnx.proto, and its dimensions, -1 where they are free.</summary>
public sealed record GraphTensor(string Name, int ElementType, long[] Dimensions);

/// <summary>A part of a file beside the graph that holds weights.</summary>
public readonly record struct ExternalData(string Location, long End);

/// <summary>
/// What a decoder's graph looks like from outside, read from the file without loading its weights: inputs, outputs, operators, external
/// files.
/// </summary>
/// <remarks>Asking the runtime instead would cost a full load before the first useful error, and it does not tell the operators.</remarks>
public sealed class GraphSummary
{
    private const long SmallMax = 64 << 20;

    public Dictionary<string, GraphTensor> Inputs { get; } = [];

    public Dictionary<string, GraphTensor> Outputs { get; } = [];

    public HashSet<string> Operators { get; } = [];

    public List<ExternalData> External { get; } = [];

    /// <summary>Bits per weight of its block-quantised products (MatMulNBits), every width that occurs.</summary>
    public HashSet<int> WeightBits { get; } = [];

    /// <exception cref="InvalidDataException">The file is truncated or no ONNX file.</exception>
    public static GraphSummary Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        var summary = new GraphSummary();
        var graphs = 0;
        Fields(new ProtoReader(file, file.Length), (field, reader) =>
        {
            if (field == 7)
            {
                graphs++;
                summary.Graph(reader);
            }
        });
        return graphs == 1 ? summary : throw new InvalidDataException("the file holds no graph");
    }

    private void Graph(ProtoReader graph) => Fields(graph, (field, reader) =>
    {
        switch (field)
        {
            case 1:
                Fields(reader, Node);
                break;
            case 5:
                Initializer(reader);
                break;
            case 11:
                Add(Inputs, Value(reader));
                break;
            case 12:
                Add(Outputs, Value(reader));
                break;
        }
    });

    private void Node(int field, ProtoReader reader)
    {
        if (field == 4)
        {
            Operators.Add(Text(reader));
        }
        else if (field == 5)
        {
            Attribute(reader);
        }
    }

    private void Attribute(ProtoReader attribute)
    {
        var name = "";
        Fields(attribute, (field, reader) =>
        {
            if (field == 1)
            {
                name = Text(reader);
            }
            else if (field == 3 && name == "bits")
            {
                WeightBits.Add((int)reader.Value);
            }
            else if (field == 6)
            {
                // A branch of an If; its inputs and outputs are not the model's.
                Fields(reader, (part, node) =>
                {
                    if (part == 1)
                    {
                        Fields(node, Node);
                    }
                });
            }
        });
    }

    private void Initializer(ProtoReader tensor)
    {
        var entries = new Dictionary<string, string>();
        Fields(tensor, (field, reader) =>
        {
            if (field == 13)
            {
                var (key, value) = ("", "");
                Fields(reader, (part, text) => _ = part == 1 ? key = Text(text) : value = Text(text));
                entries[key] = value;
            }
        });
        if (entries.TryGetValue("location", out var location))
        {
            var offset = entries.TryGetValue("offset", out var start) ? long.Parse(start) : 0;
            External.Add(new ExternalData(location, offset + (entries.TryGetValue("length", out var length) ? long.Parse(length) : 0)));
        }
    }

    private static GraphTensor Value(ProtoReader info)
    {
        var name = "";
        var type = 0;
        var dimensions = new List<long>();
        Fields(info, (field, reader) =>
        {
            if (field == 1)
            {
                name = Text(reader);
            }
            else if (field == 2)
            {
                Fields(reader, (_, tensor) => Fields(tensor, (part, inner) =>
                {
                    if (part == 1)
                    {
                        type = (int)inner.Value;
                    }
                    else if (part == 2)
                    {
                        Fields(inner, (_, dimension) =>
                        {
                            var length = -1L;
                            Fields(dimension, (kind, number) => length = kind == 1 ? number.Value : -1);
                            dimensions.Add(length);
                        });
                    }
                }));
            }
        });
        return new GraphTensor(name, type, [.. dimensions]);
    }

    private static void Add(Dictionary<string, GraphTensor> tensors, GraphTensor tensor) => tensors[tensor.Name] = tensor;

    private static string Text(ProtoReader reader) =>
        reader.Length <= SmallMax ? Encoding.UTF8.GetString(reader.Bytes()) : throw new InvalidDataException("a name is too long");

    /// <summary>Calls back once per field, and leaves the file at the end of the message however much of the field was read.</summary>
    private static void Fields(ProtoReader message, Action<int, ProtoReader> visit)
    {
        while (message.Next(out var field, out var reader))
        {
            visit(field, reader);
            message.SkipTo(reader.End);
        }
    }
}
