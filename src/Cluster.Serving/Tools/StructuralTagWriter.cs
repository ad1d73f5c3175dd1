using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cluster.Grammar;

namespace Cluster.Serving.Tools;

/// <summary>Writes the structural tag that an answer with tools must match: tag number N holds the input of the N-th callable tool.</summary>
/// <remarks>
/// Required: calls and nothing else. Auto: free text that may turn into calls; with a response format, calls or one document. A family whose
/// calls stand in a list has several calls only where they are required: in free text its list holds one.
/// </remarks>
internal static class StructuralTagWriter
{
    public static string Write(ToolDialect dialect, ToolSet tools, GrammarSpec? document)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("type", "structural_tag");
            json.WritePropertyName("format");
            if (tools.Use == ToolUse.Required) WriteCalls(json, dialect, tools);
            else if (document is null) WriteTextWithCalls(json, dialect, tools);
            else WriteCallsOrDocument(json, dialect, tools, document);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteCallsOrDocument(Utf8JsonWriter json, ToolDialect dialect, ToolSet tools, GrammarSpec document)
    {
        json.WriteStartObject();
        json.WriteString("type", "or");
        json.WriteStartArray("elements");
        WriteCalls(json, dialect, tools);
        WriteContent(json, document);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Open, calls with separators, close.</summary>
    private static void WriteCalls(Utf8JsonWriter json, ToolDialect dialect, ToolSet tools)
    {
        json.WriteStartObject();
        json.WriteString("type", "sequence");
        json.WriteStartArray("elements");
        WriteConstant(json, dialect.Open);
        json.WriteStartObject();
        json.WriteString("type", "tags_with_separator");
        json.WriteString("separator", dialect.Separator);
        json.WriteBoolean("at_least_one", true);
        json.WriteBoolean("stop_after_first", dialect.IsSingle || !tools.IsParallel);
        WriteTags(json, tools, dialect.BeginOf, dialect.CallEnd);
        json.WriteEndObject();
        WriteConstant(json, dialect.Close);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTextWithCalls(Utf8JsonWriter json, ToolDialect dialect, ToolSet tools)
    {
        json.WriteStartObject();
        json.WriteString("type", "triggered_tags");
        json.WriteStartArray("triggers");
        json.WriteStringValue(dialect.Trigger);
        json.WriteEndArray();
        json.WriteBoolean("stop_after_first", dialect.IsSingle || !tools.IsParallel || dialect.Close.Length > 0);
        WriteTags(json, tools, name => dialect.Open + dialect.BeginOf(name), dialect.CallEnd + dialect.Close);
        json.WriteEndObject();
    }

    private static void WriteTags(Utf8JsonWriter json, ToolSet tools, Func<string, string> begin, string end)
    {
        json.WriteStartArray("tags");
        foreach (ToolDefinition tool in tools.Callable)
        {
            json.WriteStartObject();
            json.WriteString("type", "tag");
            json.WriteString("begin", begin(tool.Name));
            json.WritePropertyName("content");
            WriteInput(json, tool);
            json.WriteString("end", end);
            json.WriteEndObject();
        }
        json.WriteEndArray();
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
                json.WriteRawValue(spec.Text);
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
                json.WriteRawValue(spec.Text);
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
        if (text.Length == 0) return;
        json.WriteStartObject();
        json.WriteString("type", "const_string");
        json.WriteString("value", text);
        json.WriteEndObject();
    }
}
