using Cluster.Grammar.Automata;
using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>
/// Which part of a schema without a value to name: from the root down, as long as a part that every value needs (a required property, an
/// item, a conjunct, what a reference leads to) has no value by itself. Where only parts together have none, it is the schema that holds them.
/// </summary>
internal static class UnsatisfiablePlace
{
    public static SchemaNode Of(SchemaNode root, GrammarOptions options)
    {
        var fuel = new Fuel(options.CompileFuel);
        var seen = new HashSet<SchemaNode>();
        SchemaNode place = root;
        try
        {
            while (seen.Add(place) && Needed(place).FirstOrDefault(part => !seen.Contains(part) && HasNoValue(part)) is { } deeper) place = deeper;
        }
        catch (FuelSpentException)
        {
            // The place found so far has no value either.
        }
        return place;

        bool HasNoValue(SchemaNode part)
        {
            var machine = new Machine(part, options, fuel);
            return machine.Costs.BytesOf(machine.Root) == Cost.None;
        }
    }

    private static IEnumerable<SchemaNode> Needed(SchemaNode node)
    {
        if (node.Reference is { } reference) yield return reference;
        foreach (SchemaNode conjunct in node.AllOf) yield return conjunct;
        if (node.Types == ValueTypes.Object && node.Members is { } members)
        {
            foreach (string key in node.Required)
            {
                if (members.ByKey.TryGetValue(key, out SchemaNode? property)) yield return property;
            }
        }
        if (node.Types == ValueTypes.Array && node.Items is { } items)
        {
            foreach (SchemaNode item in items.Prefix.Take(node.MinItems)) yield return item;
            if (items.Rest is { } rest && node.MinItems > items.Prefix.Count) yield return rest;
        }
    }
}
