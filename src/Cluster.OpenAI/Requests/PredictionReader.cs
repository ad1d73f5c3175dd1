using System.Text.Json;
using Cluster.OpenAI.Errors;

namespace Cluster.OpenAI.Requests;

/// <summary>Reads <c>prediction</c>: the answer that the caller expects.</summary>
public static class PredictionReader
{
    /// <exception cref="ApiException">Not of type <c>content</c>, or its content is no text.</exception>
    public static string? Read(RequestObject body)
    {
        if (body.Object("prediction") is not { } prediction) return null;
        if (prediction.RequiredString("type") != "content") throw RequestObject.OutOfRange(prediction.PathOf("type"), "'content'");
        JsonElement content = prediction.Any("content") ?? throw RequestObject.Invalid(prediction.PathOf("content"), $"Missing required parameter: '{prediction.PathOf("content")}'.");
        string text = MessagesReader.ReadContent(content, prediction.PathOf("content"));
        prediction.RefuseUnknown();
        return text.Length == 0 ? null : text;
    }
}
