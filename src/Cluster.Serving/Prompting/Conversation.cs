using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cluster.Serving.Generation;
using Cluster.Serving.Tools;

namespace Cluster.Serving.Prompting;

/// <summary>Messages and tools in the form that one model's template can show.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>A template that knows <c>tools</c> gets them, calls and results as members of the messages.</item>
/// <item>Phi's gets them as text in its system message.</item>
/// <item>A template that knows nothing of tools gets a system message that says the form, and calls and results as text.</item>
/// </list>
/// </remarks>
internal sealed class Conversation
{
    /// <summary>Past every depth that a request may have.</summary>
    private const int DepthMax = 16_384;

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = DepthMax };

    private readonly List<ChatMessage> _messages;
    private readonly string? _tools;
    private readonly bool _hasToolsInTemplate;
    private readonly bool _hasToolsInSystem;

    public Conversation(string template, ToolDialect dialect, ImmutableArray<ChatMessage> messages, ToolSet? tools)
    {
        _messages = [.. messages];
        _hasToolsInSystem = dialect == ToolDialect.Phi;
        _hasToolsInTemplate = !_hasToolsInSystem && template.Contains("tools", StringComparison.Ordinal);
        _tools = tools is null ? null : Describe(tools, isBare: _hasToolsInSystem);
        if (_hasToolsInTemplate) return;
        for (int index = 0; index < _messages.Count; index++) _messages[index] = AsText(_messages[index], dialect);
        if (_tools is null) return;
        if (_hasToolsInSystem && !_messages.Any(message => message.Role == "system")) AddSystem("You are a helpful assistant with tools.");
        if (!_hasToolsInSystem) AddSystem($"You may call tools. Each line is one:\n{string.Join('\n', tools!.Tools.Select(Line))}\nTo call one, write {dialect.BeginOf("NAME")}INPUT{dialect.CallEnd} with its name and its input as JSON.");
    }

    /// <summary>Everything that callers wrote.</summary>
    public IEnumerable<string> Texts => _messages.SelectMany(message => message.ToolCalls.SelectMany(call => new[] { call.Name, call.Arguments, call.Id }).Append(message.Content).Append(message.Reasoning ?? "").Append(message.ToolCallId ?? ""))
        .Append(_tools ?? "");

    public void AddSystem(string text)
    {
        // Templates want one system message, at the beginning.
        if (_messages is [{ Role: "system" } first, ..]) _messages[0] = first with { Content = $"{first.Content}\n\n{text}" };
        else _messages.Insert(0, new ChatMessage("system", text));
    }

    public JsonElement? Tools(Func<string, string> protect)
        => _tools is null || !_hasToolsInTemplate ? null : Parse(protect(_tools));

    public JsonElement Messages(Func<string, string> protect)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = DepthMax }))
        {
            json.WriteStartArray();
            foreach (ChatMessage message in _messages) Write(json, message, protect);
            json.WriteEndArray();
        }
        return Parse(buffer.WrittenMemory);
    }

    private void Write(Utf8JsonWriter json, ChatMessage message, Func<string, string> protect)
    {
        json.WriteStartObject();
        json.WriteString("role", message.Role);
        json.WriteString("content", message.ToolCalls.IsEmpty || message.Content.Length > 0 ? protect(message.Content) : null);
        if (_hasToolsInSystem && _tools is not null && message.Role == "system") json.WriteString("tools", protect(_tools));
        if (message.Reasoning is { } reasoning) json.WriteString("reasoning_content", protect(reasoning));
        if (message.ToolCallId is { } id)
        {
            json.WriteString("tool_call_id", protect(id));
            json.WriteString("name", message.ToolName);
        }
        if (!message.ToolCalls.IsEmpty)
        {
            json.WriteStartArray("tool_calls");
            foreach (MessageToolCall call in message.ToolCalls)
            {
                json.WriteStartObject();
                json.WriteString("id", protect(call.Id));
                json.WriteString("type", "function");
                json.WriteStartObject("function");
                json.WriteString("name", protect(call.Name));
                json.WritePropertyName("arguments");
                Normal(call).WriteTo(json, protect);
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    /// <summary>A call's input as a value: what is no JSON is a text.</summary>
    private static CallInput Normal(MessageToolCall call)
    {
        try
        {
            if (!call.IsCustom) return new CallInput(JsonSerializer.Serialize(Parse(call.Arguments.Length == 0 ? "{}" : call.Arguments), Relaxed));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or with half a character in it: shown to the model as the text that it is.
        }
        return new CallInput(JsonSerializer.Serialize(call.Arguments, Relaxed));
    }

    /// <param name="Text">JSON.</param>
    private readonly record struct CallInput(string Text)
    {
        public void WriteTo(Utf8JsonWriter json, Func<string, string> protect) => json.WriteRawValue(protect(Text), skipInputValidation: true);
    }

    private static ChatMessage AsText(ChatMessage message, ToolDialect dialect)
    {
        if (message.Role == "tool") return new ChatMessage("user", $"<tool_response>\n{message.Content}\n</tool_response>");
        if (message.ToolCalls.IsEmpty) return message;
        string calls = dialect.Open + string.Join(dialect.Separator, message.ToolCalls.Select(call => dialect.BeginOf(call.Name) + Normal(call).Text + dialect.CallEnd)) + dialect.Close;
        return new ChatMessage(message.Role, message.Content.Length == 0 ? calls : $"{message.Content}\n{calls}");
    }

    private static string Line(ToolDefinition tool) => $$"""{"name": {{JsonSerializer.Serialize(tool.Name)}}, "description": {{JsonSerializer.Serialize(tool.Description, Relaxed)}}, "parameters": {{ParametersOf(tool)}}}""";

    /// <param name="tools">The tools.</param>
    /// <param name="isBare">Without the wrapping that says they are functions.</param>
    private static string Describe(ToolSet tools, bool isBare)
        => $"[{string.Join(", ", tools.Tools.Select(tool => isBare ? Line(tool) : $$"""{"type": "function", "function": {{Line(tool)}}}"""))}]";

    /// <summary>Written anew, so that no escape hides a marker from the guard.</summary>
    private static string ParametersOf(ToolDefinition tool) => tool.Parameters is { } parameters ? JsonSerializer.Serialize(Parse(parameters), Relaxed) : """{"type": "string"}""";

    private static JsonElement Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = DepthMax });
        return document.RootElement.Clone();
    }
}
