using System.Text;

namespace Cluster.Grammar.Schema;

/// <summary>A path from a document's root, step by step. It is written out as a pointer (RFC 6901) only where somebody asks, which for most schemas nobody does.</summary>
/// <param name="above">The path to the schema around; null at the root.</param>
/// <param name="keyword">The first step.</param>
/// <param name="token">The second step, by name; null for none.</param>
/// <param name="index">The second step, by number; -1 for none.</param>
internal sealed class SchemaPath(SchemaPath? above, string keyword, string? token = null, int index = -1)
{
    public override string ToString()
    {
        var steps = new Stack<SchemaPath>();
        for (SchemaPath? path = this; path is not null; path = path.Above) steps.Push(path);
        var pointer = new StringBuilder();
        foreach (SchemaPath path in steps) path.AppendTo(pointer);
        return pointer.ToString();
    }

    private SchemaPath? Above => above;

    private void AppendTo(StringBuilder pointer)
    {
        pointer.Append('/').Append(JsonPointers.Escaped(keyword));
        if (token is not null) pointer.Append('/').Append(JsonPointers.Escaped(token));
        if (index >= 0) pointer.Append('/').Append(index);
    }
}
