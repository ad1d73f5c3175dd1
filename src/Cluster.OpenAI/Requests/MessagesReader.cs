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
        ImmutableArray<ChatMessage> messages = [.. items.Select(item => ReadMessage(item.Item1, item.Item2))];
        return messages.IsEmpty ? throw RequestObject.OutOfRange("messages", "at least one message") : messages;
    }

    private static ChatMessage ReadMessage(JsonElement element, string path)
    {
        var message = new RequestObject(element, path);
        string role = message.RequiredString("role");
        if (role is not ("system" or "developer" or "user" or "assistant"))
        {
            throw RequestObject.OutOfRange(message.PathOf("role"), "'system', 'developer', 'user' or 'assistant'");
        }
        string? content = message.Any("content") is { } value ? ReadContent(value, message.PathOf("content")) : null;
        if (content is null && role != "assistant") throw RequestObject.Invalid(message.PathOf("content"), $"Missing required parameter: '{message.PathOf("content")}'.");
        message.Accept("name", "refusal", "annotations", "audio");
        message.RefuseUnknown();
        return new ChatMessage(role == "developer" ? "system" : role, content ?? "");
    }

    private static string ReadContent(JsonElement value, string path)
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
                "text" => part.RequiredString("text"),
                "refusal" => part.RequiredString("refusal"),
                _ => throw RequestObject.OutOfRange(part.PathOf("type"), "'text': this server's models read text only"),
            });
        }
        return text.ToString();
    }
}
