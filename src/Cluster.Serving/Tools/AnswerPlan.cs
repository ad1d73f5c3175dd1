using System.Collections.Immutable;
using Cluster.Grammar;

namespace Cluster.Serving.Tools;

/// <summary>What an answer consists of.</summary>
public enum AnswerShape
{
    /// <summary>Free text.</summary>
    Text,

    /// <summary>One document.</summary>
    Document,

    /// <summary>The input of one call, which is certain beforehand: nothing stands around it.</summary>
    Call,

    /// <summary>Calls in their family's form, and perhaps text, or a document, around or instead of them.</summary>
    Tagged,
}

/// <summary>The constraint on an answer, and how to read the answer by it.</summary>
/// <param name="Shape">What the answer consists of.</param>
/// <param name="Spec">The grammar of the whole answer; null for free text.</param>
/// <param name="Document">What text outside of calls must be; null for free text.</param>
/// <param name="Tools">The tools that may be called; a structural tag's number is an index into them.</param>
/// <param name="Dialect">How calls are spelled.</param>
public sealed record AnswerPlan(AnswerShape Shape, GrammarSpec? Spec, GrammarSpec? Document, ImmutableArray<ToolDefinition> Tools, ToolDialect Dialect)
{
    public static AnswerPlan Of(ServedModel model, GrammarSpec? document, ToolSet? tools)
    {
        ToolDialect dialect = ToolDialect.Of(model.Template.Source);
        if (tools is null) return new(document is null ? AnswerShape.Text : AnswerShape.Document, document, document, [], dialect);
        if (tools is { Use: ToolUse.Required, Callable: [{ Input: { } input }] } && IsShownItsSchema(model)) return new(AnswerShape.Call, input, null, tools.Callable, dialect);
        var options = document?.Options ?? tools.Callable.Select(tool => tool.Input?.Options).FirstOrDefault(one => one is not null) ?? new GrammarOptions();
        return new(AnswerShape.Tagged, new GrammarSpec(GrammarKind.StructuralTag, StructuralTagWriter.Write(dialect, tools, document), options), document, tools.Callable, dialect);
    }

    /// <summary>A model that is trained to fill the schema it is shown is asked for a certain call's input as for a document.</summary>
    public static bool IsShownItsSchema(ServedModel model) => model.Template.Source.Contains("schema_shape", StringComparison.Ordinal);
}
