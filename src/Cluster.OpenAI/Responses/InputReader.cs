using System.Collections.Immutable;
using System.Text.Json;
using Cluster.OpenAI.Requests;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Responses;

/// <summary>Reads <c>input</c>: a text, or a list of messages, calls, their outputs, and references to items of stored responses.</summary>
internal sealed class InputReader(ResponseStore store, string owner, OpenAIOptions options)
{
    private readonly List<ChatMessage> _messages = [];
    private readonly Dictionary<string, string> _toolNames = new(StringComparer.Ordinal);

    /// <param name="body">The request.</param>
    /// <param name="before">The conversation so far, whose calls may be answered.</param>
    public ImmutableArray<ChatMessage> Read(RequestObject body, ImmutableArray<ChatMessage> before)
    {
        foreach (MessageToolCall call in before.SelectMany(message => message.ToolCalls)) _toolNames[call.Id] = call.Name;
        JsonElement input = body.Any("input") ?? throw RequestObject.Invalid("input", "Missing required parameter: 'input'.");
        if (input.ValueKind == JsonValueKind.String) return [new ChatMessage("user", RequestObject.ReadString(input, "input"))];
        if (input.ValueKind != JsonValueKind.Array) throw RequestObject.WrongType("input", "a text or an array of items");
        foreach ((JsonElement item, string path) in body.Array("input", options.MessagesMax)!) ReadItem(new RequestObject(item, path));
        return _messages.Count == 0 ? throw RequestObject.OutOfRange("input", "at least one item") : [.. _messages];
    }

    private void ReadItem(RequestObject item)
    {
        string type = item.String("type") ?? "message";
        switch (type)
        {
            case "message":
                ReadMessage(item);
                break;
            case "function_call":
                AddCall(new MessageToolCall(item.RequiredString("call_id"), item.RequiredString("name"), item.RequiredString("arguments")));
                break;
            case "custom_tool_call":
                AddCall(new MessageToolCall(item.RequiredString("call_id"), item.RequiredString("name"), item.RequiredString("input"), IsCustom: true));
                break;
            case "function_call_output" or "custom_tool_call_output":
                ReadOutput(item);
                break;
            case "item_reference":
                ReadReference(item);
                break;
            case "reasoning":
                // Thoughts of earlier turns: templates leave them out.
                item.Accept("summary", "content", "encrypted_content");
                break;
            default:
                throw RequestObject.Unsupported(item.PathOf("type"), $"Items of type '{type}' are not supported by this server.");
        }
        item.Accept("id", "status", "caller", "namespace", "async", "parsed_arguments");
        item.RefuseUnknown();
    }

    private void ReadMessage(RequestObject item)
    {
        string role = item.RequiredString("role");
        if (role is not ("system" or "developer" or "user" or "assistant")) throw RequestObject.OutOfRange(item.PathOf("role"), "'system', 'developer', 'user' or 'assistant'");
        JsonElement content = item.Any("content") ?? throw RequestObject.Invalid(item.PathOf("content"), $"Missing required parameter: '{item.PathOf("content")}'.");
        item.Accept("phase");
        _messages.Add(new ChatMessage(role == "developer" ? "system" : role, MessagesReader.ReadContent(content, item.PathOf("content"))));
    }

    /// <summary>Calls that follow one another, or an assistant's text, are one message.</summary>
    private void AddCall(MessageToolCall call)
    {
        _toolNames[call.Id] = call.Name;
        if (_messages is [.., { Role: "assistant" } last]) _messages[^1] = last with { ToolCalls = last.ToolCalls.Add(call) };
        else _messages.Add(new ChatMessage("assistant", "") { ToolCalls = [call] });
    }

    private void ReadOutput(RequestObject item)
    {
        string id = item.RequiredString("call_id");
        item.Accept("name");
        JsonElement output = item.Any("output") ?? throw RequestObject.Invalid(item.PathOf("output"), $"Missing required parameter: '{item.PathOf("output")}'.");
        if (!_toolNames.TryGetValue(id, out string? name)) throw RequestObject.Invalid(item.PathOf("call_id"), $"'{item.PathOf("call_id")}' answers no call before it.");
        _messages.Add(new ChatMessage("tool", MessagesReader.ReadContent(output, item.PathOf("output"))) { ToolCallId = id, ToolName = name });
    }

    private void ReadReference(RequestObject item)
    {
        string id = item.RequiredString("id");
        ChatMessage message = store.FindItem(id, owner) ?? throw RequestObject.Invalid(item.PathOf("id"), $"There is no stored item '{id}'.");
        if (message.ToolCalls.IsEmpty) _messages.Add(message);
        foreach (MessageToolCall call in message.ToolCalls) AddCall(call);
    }
}
