using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cluster.Grammar;
using Cluster.Serving.Thinking;

namespace Cluster.Serving.Tools;

/// <summary>
/// Writes the structural tag that an answer with tools or thoughts must match: the tag of the thoughts, if there are any, and then one a callable tool,
/// which holds its input.
/// </summary>
/// <remarks>
/// Thoughts are free text up to their closing marker. Where the model opens them, their tag holds them; where the prompt has, the closing marker is the tag.
/// Required: calls and nothing else. Auto: free text that may turn into calls; with a response format, calls or one document. A family whose
/// calls stand in a list has several calls only where they are required: in free text its list holds one.
/// </remarks>
internal static class StructuralTagWriter
{
    public static string Write(AnswerPlan plan)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("type", "structural_tag");
            json.WritePropertyName("format");
            if (plan.Thinking.Start == ThinkingStart.None) WriteAnswer(json, plan);
            else WriteThoughtsAndAnswer(json, plan);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteAnswer(Utf8JsonWriter json, AnswerPlan plan)
    {
        if (plan.Tools is not { } tools) WriteContent(json, plan.Document!);
        else if (tools.Use == ToolUse.Required) WriteCalls(json, plan.Dialect, tools);
        else if (plan.Document is { } document) WriteCallsOrDocument(json, plan.Dialect, tools, document);
        else WriteTextWithCalls(json, plan, tools);
    }

    private static void WriteThoughtsAndAnswer(Utf8JsonWriter json, AnswerPlan plan)
    {
        ThinkingForm thinking = plan.Thinking;
        WriteStart(json, "sequence");
        if (thinking.Start == ThinkingStart.Open)
        {
            WriteAnyText(json);
            WriteTag(json, thinking.Closing, () => WriteConstant(json, ""), "");
        }
        else
        {
            WriteStart(json, "or");
            WriteTag(json, thinking.Opening, () => WriteAnyText(json), thinking.Closing);
            WriteConstant(json, "");
            WriteEnd(json);
        }

        // Free text has white space of its own.
        if (plan.Document is not null || plan.Tools?.Use == ToolUse.Required) WriteContent(json, new GrammarSpec(GrammarKind.Regex, "\\n{0,2}", new GrammarOptions()));
        WriteAnswer(json, plan);
        WriteEnd(json);
    }

    /// <summary>A part with elements; <see cref="WriteEnd"/> closes it.</summary>
    private static void WriteStart(Utf8JsonWriter json, string type)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteStartArray("elements");
    }

    private static void WriteEnd(Utf8JsonWriter json)
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteAnyText(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "any_text");
        json.WriteEndObject();
    }

    private static void WriteCallsOrDocument(Utf8JsonWriter json, ToolDialect dialect, ToolSet tools, GrammarSpec document)
    {
        WriteStart(json, "or");
        WriteCalls(json, dialect, tools);
        WriteContent(json, document);
        WriteEnd(json);
    }

    /// <summary>Open, calls with separators, close.</summary>
    private static void WriteCalls(Utf8JsonWriter json, ToolDialect dialect, ToolSet tools)
    {
        WriteStart(json, "sequence");
        if (dialect.Open.Length > 0) WriteConstant(json, dialect.Open);
        json.WriteStartObject();
        json.WriteString("type", "tags_with_separator");
        json.WriteString("separator", dialect.Separator);
        json.WriteBoolean("at_least_one", true);
        json.WriteBoolean("stop_after_first", dialect.IsSingle || !tools.IsParallel);
        WriteTags(json, tools, dialect.BeginOf, dialect.CallEnd);
        json.WriteEndObject();
        if (dialect.Close.Length > 0) WriteConstant(json, dialect.Close);
        WriteEnd(json);
    }

    private static void WriteTextWithCalls(Utf8JsonWriter json, AnswerPlan plan, ToolSet tools)
    {
        ToolDialect dialect = plan.Dialect;
        json.WriteStartObject();
        json.WriteString("type", "triggered_tags");
        json.WriteStartArray("triggers");
        json.WriteStringValue(dialect.Trigger);

        // A trigger that no tag begins with cannot be written: what opens thoughts is never text.
        if (plan.Thinking.Start == ThinkingStart.ByModel) json.WriteStringValue(plan.Thinking.Opening);
        json.WriteEndArray();
        json.WriteBoolean("stop_after_first", dialect.IsSingle || !tools.IsParallel || dialect.Close.Length > 0);
        WriteTags(json, tools, name => dialect.Open + dialect.BeginOf(name), dialect.CallEnd + dialect.Close);
        json.WriteEndObject();
    }

    private static void WriteTags(Utf8JsonWriter json, ToolSet tools, Func<string, string> begin, string end)
    {
        json.WriteStartArray("tags");
        foreach (ToolDefinition tool in tools.Callable) WriteTag(json, begin(tool.Name), () => WriteInput(json, tool), end);
        json.WriteEndArray();
    }

    private static void WriteTag(Utf8JsonWriter json, string begin, Action writeContent, string end)
    {
        json.WriteStartObject();
        json.WriteString("type", "tag");
        json.WriteString("begin", begin);
        json.WritePropertyName("content");
        writeContent();
        json.WriteString("end", end);
        json.WriteEndObject();
    }

    /// <summary>A text is written as a JSON string, so that any text has an end; a pattern or a grammar says itself where it ends.</summary>
    private static void WriteInput(Utf8JsonWriter json, ToolDefinition tool)
        => WriteContent(json, tool.Input ?? new GrammarSpec(GrammarKind.JsonSchema, """{"type":"string"}""", new GrammarOptions()));

    private static void WriteContent(Utf8JsonWriter json, GrammarSpec spec)
    {
        json.WriteStartObject();
        switch (spec.Kind)
        {
            case GrammarKind.JsonSchema:
                json.WriteString("type", "json_schema");
                json.WritePropertyName("json_schema");
                json.WriteRawValue(spec.Text, skipInputValidation: true);
                break;
            case GrammarKind.JsonObject:
                json.WriteString("type", "json_object");
                break;
            case GrammarKind.Regex:
                json.WriteString("type", "regex");
                json.WriteString("pattern", spec.Text);
                break;
            case GrammarKind.Choice:
                json.WriteString("type", "choice");
                json.WritePropertyName("choices");
                json.WriteRawValue(spec.Text, skipInputValidation: true);
                break;
            case GrammarKind.Lark:
                json.WriteString("type", "grammar");
                json.WriteString("grammar", spec.Text);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(spec), spec.Kind, "no content of a tag");
        }
        json.WriteEndObject();
    }

    private static void WriteConstant(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "const_string");
        json.WriteString("value", text);
        json.WriteEndObject();
    }
}
