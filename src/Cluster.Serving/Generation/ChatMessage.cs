namespace Cluster.Serving.Generation;

/// <summary>One message of a conversation, as templates see it.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">Its text.</param>
public sealed record ChatMessage(string Role, string Content);
