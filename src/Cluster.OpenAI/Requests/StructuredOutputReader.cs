using Cluster.Grammar;

namespace Cluster.OpenAI.Requests;

/// <summary>The request's own block <c>structured_output</c>: how its documents are written and closed.</summary>
/// <param name="Grammar">Property order and white space, over the server's defaults.</param>
/// <param name="InjectSchema">Overrides the model's habit of showing itself the schema.</param>
/// <param name="ClosesWithLength">A document that had to be closed early ends with <c>length</c> instead of <c>stop</c>.</param>
public sealed record StructuredOutputRequest(GrammarOptions Grammar, bool? InjectSchema, bool ClosesWithLength);

/// <summary>Reads <c>structured_output</c>.</summary>
public static class StructuredOutputReader
{
    public static StructuredOutputRequest Read(RequestObject body, GrammarOptions defaults)
    {
        if (body.Object("structured_output") is not { } ours) return new(defaults, null, false);
        GrammarOptions grammar = defaults with
        {
            Order = ours.String("order") switch
            {
                null => defaults.Order,
                "schema" => PropertyOrder.Schema,
                "any" => PropertyOrder.Any,
                _ => throw RequestObject.OutOfRange(ours.PathOf("order"), "'schema' or 'any'"),
            },
            Whitespace = ours.String("whitespace") switch
            {
                null => defaults.Whitespace,
                "compact" => Whitespace.Compact,
                "spaced" => Whitespace.Spaced,
                "bounded" => Whitespace.Bounded,
                _ => throw RequestObject.OutOfRange(ours.PathOf("whitespace"), "'compact', 'spaced' or 'bounded'"),
            },
        };
        bool closesWithLength = ours.String("close") switch
        {
            null or "force" => false,
            "length" => true,
            _ => throw RequestObject.OutOfRange(ours.PathOf("close"), "'force' or 'length'"),
        };
        var read = new StructuredOutputRequest(grammar, ours.Boolean("inject_schema"), closesWithLength);
        ours.RefuseUnknown();
        return read;
    }
}
