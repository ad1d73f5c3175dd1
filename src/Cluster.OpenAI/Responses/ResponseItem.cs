using System.Text;
using System.Text.Json;
using Cluster.OpenAI.Replies;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Responses;

internal enum ResponseItemKind { Message, Reasoning, FunctionCall, CustomCall }

/// <summary>One item of a response's output, as it grows: a message, the thoughts before it, or a call.</summary>
internal sealed class ResponseItem(string id, ResponseItemKind kind, ToolCallBegan? call)
{
    public string Id { get; } = id;

    public ResponseItemKind Kind { get; } = kind;

    /// <summary>Null for what is no call.</summary>
    public ToolCallBegan? Call { get; } = call;

    /// <summary>The text, or the call's input.</summary>
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
        json.WriteString("type", Kind switch
        {
            ResponseItemKind.Message => "message",
            ResponseItemKind.Reasoning => "reasoning",
            ResponseItemKind.CustomCall => "custom_tool_call",
            _ => "function_call",
        });
        json.WriteString("status", status);
        if (Call is not null)
        {
            json.WriteString("call_id", Call.Id);
            json.WriteString("name", Call.Name);
            json.WriteString(Call.IsCustom ? "input" : "arguments", isEmpty ? "" : Text.ToString());
        }
        else
        {
            if (Kind == ResponseItemKind.Message)
            {
                json.WriteString("role", "assistant");
            }
            else
            {
                json.WriteStartArray("summary");
                json.WriteEndArray();
            }
            json.WriteStartArray("content");
            if (!isEmpty) WritePart(json, isEmpty: false, hasLogprobs);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    /// <summary>The one part of a message or of thoughts.</summary>
    public void WritePart(Utf8JsonWriter json, bool isEmpty, bool hasLogprobs)
    {
        json.WriteStartObject();
        json.WriteString("type", Kind == ResponseItemKind.Message ? "output_text" : "reasoning_text");
        json.WriteString("text", isEmpty ? "" : Text.ToString());
        if (Kind == ResponseItemKind.Message)
        {
            json.WriteStartArray("annotations");
            json.WriteEndArray();
            json.WritePropertyName("logprobs");
            ChoiceJson.WriteLogprobList(json, isEmpty || !hasLogprobs ? [] : Logprobs);
        }
        json.WriteEndObject();
    }
}
