namespace Cluster.ModelBuilder.Weights;

/// <summary>A family's tensors under the names and in the form that the graph asks for: parts of packed projections, and norms that are
/// stored less one.</summary>
public sealed class FamilyWeights(IWeightSource source, ModelShape shape) : IWeightSource
{
    private readonly ModelFamily _family = ModelFamily.OfName(shape.Family);
    private string _lastName = "";
    private float[] _last = [];

    public void Read(string name, Span<float> target)
    {
        if (_family.HasPackedProjections && TryReadPart(name, target))
        {
            return;
        }

        source.Read(name, target);
        if (_family.HasNormsAboutOne && name.EndsWith("norm.weight", StringComparison.Ordinal))
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] += 1;
            }
        }
    }

    public void Dispose() => source.Dispose();

    private bool TryReadPart(string name, Span<float> target)
    {
        (string Part, string Whole, int Start, int Rows)[] parts =
        [
            ("self_attn.q_proj", "self_attn.qkv_proj", 0, shape.QueryWidth + (2 * shape.KeyValueWidth)),
            ("self_attn.k_proj", "self_attn.qkv_proj", shape.QueryWidth, shape.QueryWidth + (2 * shape.KeyValueWidth)),
            ("self_attn.v_proj", "self_attn.qkv_proj", shape.QueryWidth + shape.KeyValueWidth, shape.QueryWidth + (2 * shape.KeyValueWidth)),
            ("mlp.gate_proj", "mlp.gate_up_proj", 0, 2 * shape.Intermediate),
            ("mlp.up_proj", "mlp.gate_up_proj", shape.Intermediate, 2 * shape.Intermediate),
        ];
        foreach (var (part, whole, start, rows) in parts)
        {
            if (!name.Contains(part, StringComparison.Ordinal))
            {
                continue;
            }

            var packed = name.Replace(part, whole, StringComparison.Ordinal);
            if (packed != _lastName)
            {
                _last = new float[rows * shape.Hidden];
                source.Read(packed, _last);
                _lastName = packed;
            }

            _last.AsSpan(start * shape.Hidden, target.Length).CopyTo(target);
            return true;
        }

        return false;
    }
}
