using System.Collections.Immutable;

namespace Cluster.Serving.Generation;

/// <summary>One message of a conversation, as templates see it.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">Its text; of a <c>tool</c> message, the result.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>Thoughts that an assistant's message began with; templates leave out what they do not want. Null without.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Calls that an assistant's message made.</summary>
    public ImmutableArray<MessageToolCall> ToolCalls { get; init; } = [];

    /// <summary>Of a <c>tool</c> message: the call that it answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>Of a <c>tool</c> message: the tool's name, where known.</summary>
    public string? ToolName { get; init; }
}

/// <summary>A call in a conversation so far.</summary>
/// <param name="Id">As the caller knows it.</param>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">Its input: JSON for a function, any text for a custom tool.</param>
/// <param name="IsCustom">Whether the input is text.</param>
public sealed record MessageToolCall(string Id, string Name, string Arguments, bool IsCustom = false);
