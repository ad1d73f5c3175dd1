using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Requests;

/// <summary>Reads <c>messages</c>; content is a string or a list of text parts.</summary>
public static class MessagesReader
{
    public static ImmutableArray<ChatMessage> Read(RequestObject body, OpenAIOptions options)
    {
        IEnumerable<(JsonElement, string)> items = body.Array("messages", options.MessagesMax)
            ?? throw RequestObject.Invalid("messages", "Missing required parameter: 'messages'.");
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        ImmutableArray<ChatMessage> messages = [.. items.Select(item => ReadMessage(item.Item1, item.Item2, names, options))];
        return messages.IsEmpty ? throw RequestObject.OutOfRange("messages", "at least one message") : messages;
    }

    private static ChatMessage ReadMessage(JsonElement element, string path, Dictionary<string, string> toolNames, OpenAIOptions options)
    {
        var message = new RequestObject(element, path);
        string role = message.RequiredString("role");
        if (role is not ("system" or "developer" or "user" or "assistant" or "tool"))
        {
            throw RequestObject.OutOfRange(message.PathOf("role"), "'system', 'developer', 'user', 'assistant' or 'tool'");
        }
        string? content = message.Any("content") is { } value ? ReadContent(value, message.PathOf("content")) : null;
        if (content is null && role != "assistant") throw RequestObject.Invalid(message.PathOf("content"), $"Missing required parameter: '{message.PathOf("content")}'.");
        var read = new ChatMessage(role == "developer" ? "system" : role, content ?? "");
        if (role == "assistant")
        {
            read = read with { Reasoning = message.String("reasoning_content") ?? message.String("reasoning") };
            read = read with { ToolCalls = [.. (message.Array("tool_calls", options.ToolsMax) ?? []).Select(item => ReadCall(new RequestObject(item.Item, item.Path)))] };
            foreach (MessageToolCall call in read.ToolCalls) toolNames[call.Id] = call.Name;
            if (message.Any("function_call") is not null) throw RequestObject.Unsupported(message.PathOf("function_call"), $"'{message.PathOf("function_call")}' is not supported; use 'tool_calls'.");
        }
        if (role == "tool")
        {
            string id = message.RequiredString("tool_call_id");
            if (!toolNames.TryGetValue(id, out string? name))
            {
                throw RequestObject.Invalid(message.PathOf("tool_call_id"), $"'{message.PathOf("tool_call_id")}' answers no call of an assistant's message before it.");
            }
            read = read with { ToolCallId = id, ToolName = name };
        }
        // The helpers of official clients add what they parsed; callers send it back with the rest.
        message.Accept("name", "refusal", "annotations", "audio", "parsed");
        if (role != "assistant") message.Accept("reasoning_content", "reasoning");
        message.RefuseUnknown();
        return read;
    }

    private static MessageToolCall ReadCall(RequestObject call)
    {
        string id = call.RequiredString("id");
        string type = call.String("type") ?? "function";
        if (type is not ("function" or "custom")) throw RequestObject.OutOfRange(call.PathOf("type"), "'function' or 'custom'");
        RequestObject block = call.Object(type) ?? throw RequestObject.Invalid(call.PathOf(type), $"Missing required parameter: '{call.PathOf(type)}'.");
        var read = new MessageToolCall(id, block.RequiredString("name"), block.String(type == "function" ? "arguments" : "input") ?? "", type == "custom");
        block.Accept("parsed_arguments");
        block.RefuseUnknown();
        call.Accept("index");
        call.RefuseUnknown();
        return read;
    }

    /// <summary>Text, or parts of text put together.</summary>
    public static string ReadContent(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.String) return RequestObject.ReadString(value, path);
        if (value.ValueKind != JsonValueKind.Array) throw RequestObject.WrongType(path, "a string or an array of content parts");
        var text = new StringBuilder();
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            var part = new RequestObject(item, $"{path}[{index++}]");
            string type = part.RequiredString("type");
            text.Append(type switch
            {
                "text" or "input_text" or "output_text" => part.RequiredString("text"),
                "refusal" => part.RequiredString("refusal"),
                _ => throw RequestObject.OutOfRange(part.PathOf("type"), "'text': this server's models read text only"),
            });
            part.Accept("annotations", "logprobs", "prompt_cache_breakpoint", "parsed");
            part.RefuseUnknown();
        }
        return text.ToString();
    }
}
