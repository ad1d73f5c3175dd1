using System.Collections.Immutable;
using Cluster.Grammar;
using Cluster.Serving.Thinking;

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

    /// <summary>Parts that its automaton tells apart: thoughts, calls in their family's form, and text or a document around or instead of them.</summary>
    Tagged,
}

/// <summary>The constraint on an answer, and how to read the answer by it.</summary>
/// <param name="Shape">What the answer consists of.</param>
/// <param name="Spec">The grammar of the whole answer; null for free text.</param>
/// <param name="Document">What text outside of calls and thoughts must be; null for free text.</param>
/// <param name="Tools">Null where nothing can be called.</param>
/// <param name="Dialect">How calls are spelled.</param>
public sealed record AnswerPlan(AnswerShape Shape, GrammarSpec? Spec, GrammarSpec? Document, ToolSet? Tools, ToolDialect Dialect)
{
    /// <summary>What precedes the answer.</summary>
    public ThinkingForm Thinking { get; private init; } = ThinkingForm.None;

    /// <summary>The tools that may be called.</summary>
    public ImmutableArray<ToolDefinition> Callable => Tools?.Callable ?? [];

    public static AnswerPlan Of(ServedModel model, GrammarSpec? document, ToolSet? tools)
    {
        ToolDialect dialect = ToolDialect.Of(model.Template.Source);
        if (tools is null) return new(document is null ? AnswerShape.Text : AnswerShape.Document, document, document, null, dialect);
        return tools is { Use: ToolUse.Required, Callable: [{ Input: { } input }] } && IsShownItsSchema(model)
            ? new(AnswerShape.Call, input, null, tools, dialect)
            : new AnswerPlan(AnswerShape.Tagged, null, document, tools, dialect).Tagged();
    }

    /// <summary>The same answer after the model's thoughts.</summary>
    public AnswerPlan After(ThinkingForm thinking)
    {
        // The caller's own structural tag says what the whole answer is.
        if (thinking.Start == ThinkingStart.None || Shape == AnswerShape.Call || Document?.Kind == GrammarKind.StructuralTag) return this;
        AnswerPlan after = this with { Thinking = thinking };
        return Shape == AnswerShape.Text ? after : after.Tagged();
    }

    /// <summary>A model that is trained to fill the schema it is shown is asked for a certain call's input as for a document.</summary>
    public static bool IsShownItsSchema(ServedModel model) => model.Template.Source.Contains("schema_shape", StringComparison.Ordinal);

    private AnswerPlan Tagged()
    {
        var options = Document?.Options ?? Callable.Select(tool => tool.Input?.Options).FirstOrDefault(one => one is not null) ?? new GrammarOptions();
        return this with { Shape = AnswerShape.Tagged, Spec = new GrammarSpec(GrammarKind.StructuralTag, StructuralTagWriter.Write(this), options) };
    }
}
