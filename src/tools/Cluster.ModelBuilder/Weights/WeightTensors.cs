using Cluster.ModelBuilder.Protobuf;

namespace Cluster.ModelBuilder.Weights;

/// <summary>One matrix of the graph: rows of several named tensors, one below the other, each <paramref name="Rows"/> x width.</summary>
public readonly record struct NamedRows(string Tensor, int Rows);

/// <summary>Turns named weights into initializers of the chosen number format. The last matrix read is kept: codes and scales come from
/// one reading.</summary>
public sealed class WeightTensors(IWeightSource source, NumberFormat format)
{
    private string _lastKey = "";
    private float[] _last = [];

    /// <summary>Rows as they are, or transposed for MatMul.</summary>
    public TensorData Dense(string name, NamedRows[] parts, int width, bool transposed)
    {
        var rows = parts.Sum(part => part.Rows);
        long[] dimensions = transposed ? [width, rows] : [rows, width];
        return new TensorData(name, format.Activations, dimensions, (long)rows * width * ElementBytes, stream =>
        {
            var values = Read(parts, width);
            Write(stream, transposed ? Transpose(values, rows, width) : values);
        });
    }

    public TensorData Vector(string name, params NamedRows[] parts)
    {
        var length = parts.Sum(part => part.Rows);
        return new TensorData(name, format.Activations, [length], (long)length * ElementBytes, stream => Write(stream, Read(parts, 1)));
    }

    /// <param name="flat">GatherBlockQuantized has one row of codes per row; MatMulNBits has them block by block. The bytes are the
    /// same.</param>
    public (TensorData Codes, TensorData Scales) Quantized(string name, NamedRows[] parts, int width, bool flat)
    {
        var (bits, block) = (format.Bits, format.Block);
        if (width % block != 0)
        {
            throw new ModelBuildException($"{name}: width {width} is not a multiple of the block {block}; choose a smaller block");
        }

        long rows = parts.Sum(part => part.Rows);
        long blocks = width / block;
        long[] shape = flat ? [rows, width * bits / 8] : [rows, blocks, block * bits / 8];
        long[] scaleShape = flat ? [rows, blocks] : [rows * blocks];
        return (
            new TensorData(name + ".codes", ElementType.UInt8, shape, rows * width * bits / 8, stream =>
                stream.Write(BlockQuantizer.Codes(Read(parts, width), bits, block))),
            new TensorData(name + ".scales", format.Activations, scaleShape, rows * blocks * ElementBytes, stream =>
                Write(stream, BlockQuantizer.Scales(Read(parts, width), bits, block))));
    }

    public TensorData Computed(string name, long[] dimensions, float[] values) =>
        new(name, format.Activations, dimensions, (long)values.Length * ElementBytes, stream => Write(stream, values));

    private int ElementBytes => format.Activations == ElementType.Float16 ? 2 : 4;

    private float[] Read(NamedRows[] parts, int width)
    {
        var key = string.Join('+', parts.Select(part => part.Tensor));
        if (key != _lastKey)
        {
            var values = new float[parts.Sum(part => (long)part.Rows) * width];
            var start = 0;
            foreach (var part in parts)
            {
                source.Read(part.Tensor, values.AsSpan(start, part.Rows * width));
                start += part.Rows * width;
            }

            (_lastKey, _last) = (key, values);
        }

        return _last;
    }

    private void Write(Stream stream, float[] values)
    {
        if (format.Activations == ElementType.Float)
        {
            Bytes.Write<float>(stream, values);
            return;
        }

        var halves = new Half[Math.Min(values.Length, 1 << 16)];
        for (var start = 0; start < values.Length; start += halves.Length)
        {
            var part = values.AsSpan(start, Math.Min(halves.Length, values.Length - start));
            for (var i = 0; i < part.Length; i++)
            {
                halves[i] = (Half)part[i];
            }

            Bytes.Write<Half>(stream, halves.AsSpan(0, part.Length));
        }
    }

    private static float[] Transpose(float[] values, int rows, int width)
    {
        const int Tile = 32;
        var transposed = new float[values.Length];
        for (var rowTile = 0; rowTile < rows; rowTile += Tile)
        {
            for (var columnTile = 0; columnTile < width; columnTile += Tile)
            {
                for (var row = rowTile; row < Math.Min(rows, rowTile + Tile); row++)
                {
                    for (var column = columnTile; column < Math.Min(width, columnTile + Tile); column++)
                    {
                        transposed[((long)column * rows) + row] = values[((long)row * width) + column];
                    }
                }
            }
        }

        return transposed;
    }
}
