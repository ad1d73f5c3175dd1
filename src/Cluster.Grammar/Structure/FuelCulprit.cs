using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>
/// Which keyword to name when a compile ran out of fuel: among the schemas that apply to the value in work, the one that says the most things to
/// be combined. A guess, but a deterministic one, and it leads to the right place of a large schema.
/// </summary>
internal static class FuelCulprit
{
    /// <returns>Pointer and name of the keyword; both empty where no schema is known.</returns>
    public static (string Pointer, string Keyword) Of(Formula? predicate)
    {
        var open = new Stack<SchemaNode>();
        var seen = new HashSet<SchemaNode>();
        foreach (SchemaNode node in NodesOf(predicate)) open.Push(node);
        (SchemaNode? Node, string Keyword, long Count) most = (null, "", 0);
        while (open.TryPop(out SchemaNode? node))
        {
            if (!seen.Add(node)) continue;
            foreach ((string keyword, long count) in Combinations(node))
            {
                bool isFirst = count == most.Count && node.Id < most.Node?.Id;
                if (count > most.Count || isFirst) most = (node, keyword, count);
            }
            foreach (SchemaNode kid in node.InPlace()) open.Push(kid);
        }
        return most.Node is null ? ("", "") : (JsonPointers.Append(most.Node.Pointer, most.Keyword), most.Keyword);
    }

    private static IEnumerable<SchemaNode> NodesOf(Formula? predicate)
    {
        var open = new Stack<Formula>();
        if (predicate is not null) open.Push(predicate);
        while (open.TryPop(out Formula? formula))
        {
            if (formula.Atom is SchemaAtom schema) yield return schema.Node;
            foreach (Formula kid in formula.Kids) open.Push(kid);
        }
    }

    private static IEnumerable<(string Keyword, long Count)> Combinations(SchemaNode node)
    {
        yield return ("allOf", node.AllOf.Length);
        yield return ("anyOf", node.AnyOf.Length);
        yield return ("oneOf", node.OneOf.Length);
        yield return ("dependentRequired", node.DependentRequired.Length);
        yield return ("dependentSchemas", node.DependentSchemas.Length);
        yield return ("patternProperties", node.Members?.Patterns.Count ?? 0);
        yield return ("minProperties", node.MinProperties);
        yield return ("minItems", node.Contains is null ? 0 : node.MinItems);
        yield return ("minContains", node.Contains is null ? 0 : node.MinContains);
        yield return ("if", node.If is null ? 0 : 1);
        yield return ("not", node.Not is null ? 0 : 1);
        yield return ("properties", node.Members is null ? 0 : 1);
    }
}
