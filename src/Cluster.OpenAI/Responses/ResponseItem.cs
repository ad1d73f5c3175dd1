using System.Text;
using System.Text.Json;
using Cluster.OpenAI.Replies;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Responses;

/// <summary>One item of a response's output, as it grows: a message, or a call.</summary>
internal sealed class ResponseItem(string id, ToolCallBegan? call)
{
    public string Id { get; } = id;

    /// <summary>Null for a message.</summary>
    public ToolCallBegan? Call { get; } = call;

    /// <summary>The message's text, or the call's input.</summary>
    public StringBuilder Text { get; } = new();

    public List<TokenTextLogprob> Logprobs { get; } = [];

    public bool IsDone { get; set; }

    /// <summary>For the conversation.</summary>
    public ChatMessage AsMessage() => Call is null
        ? new ChatMessage("assistant", Text.ToString())
        : new ChatMessage("assistant", "") { ToolCalls = [new MessageToolCall(Call.Id, Call.Name, Text.ToString(), Call.IsCustom)] };

    /// <param name="json">Where to.</param>
    /// <param name="status"><c>in_progress</c>, <c>completed</c> or <c>incomplete</c>.</param>
    /// <param name="isEmpty">As it is announced: without what it holds.</param>
    /// <param name="hasLogprobs">Whether the request asked for them.</param>
    public void Write(Utf8JsonWriter json, string status, bool isEmpty, bool hasLogprobs)
    {
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("type", Call is null ? "message" : Call.IsCustom ? "custom_tool_call" : "function_call");
        json.WriteString("status", status);
        if (Call is null)
        {
            json.WriteString("role", "assistant");
            json.WriteStartArray("content");
            if (!isEmpty) WritePart(json, isEmpty: false, hasLogprobs);
            json.WriteEndArray();
        }
        else
        {
            json.WriteString("call_id", Call.Id);
            json.WriteString("name", Call.Name);
            json.WriteString(Call.IsCustom ? "input" : "arguments", isEmpty ? "" : Text.ToString());
        }
        json.WriteEndObject();
    }

    /// <summary>The one part of a message.</summary>
    public void WritePart(Utf8JsonWriter json, bool isEmpty, bool hasLogprobs)
    {
        json.WriteStartObject();
        json.WriteString("type", "output_text");
        json.WriteString("text", isEmpty ? "" : Text.ToString());
        json.WriteStartArray("annotations");
        json.WriteEndArray();
        json.WritePropertyName("logprobs");
        ChoiceJson.WriteLogprobList(json, isEmpty || !hasLogprobs ? [] : Logprobs);
        json.WriteEndObject();
    }
}
