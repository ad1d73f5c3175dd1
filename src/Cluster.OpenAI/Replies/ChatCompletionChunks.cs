using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Replies;

/// <summary>The chunks of a streamed chat completion, each written as one event.</summary>
public sealed class ChatCompletionChunks(CompletionHeader header, bool hasLogprobs, bool hasUsage, bool closesWithLength)
{
    /// <summary>The first chunk of a choice: it carries the role.</summary>
    public void WriteRole(Utf8JsonWriter json, int choice) => WriteChunk(json, choice, hasLogprobs ? [] : null, null, static (json, _) =>
    {
        json.WriteString("role", "assistant");
        json.WriteString("content", "");
        json.WriteNull("refusal");
    }, "");

    public void WriteText(Utf8JsonWriter json, TextGenerated text)
        => WriteChunk(json, text.Choice, hasLogprobs ? text.Logprobs : null, null, static (json, text) => json.WriteString("content", text), text.Text);

    /// <summary>The last chunk of a choice: its reason, and how a document ended.</summary>
    public void WriteEnd(Utf8JsonWriter json, ChoiceEnded ended) => WriteChunk(json, ended.Choice, null, ended, static (_, _) => { }, "");

    /// <summary>The last chunk of a stream that asked for usage.</summary>
    public void WriteUsage(Utf8JsonWriter json, CompletionUsage usage)
    {
        json.WriteStartObject();
        header.Write(json, "chat.completion.chunk");
        json.WriteStartArray("choices");
        json.WriteEndArray();
        usage.Write(json);
        json.WriteEndObject();
    }

    private void WriteChunk(
        Utf8JsonWriter json, int choice, ImmutableArray<TokenTextLogprob>? logprobs, ChoiceEnded? ended, Action<Utf8JsonWriter, string> writeDelta, string text)
    {
        json.WriteStartObject();
        header.Write(json, "chat.completion.chunk");
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", choice);
        json.WriteStartObject("delta");
        writeDelta(json, text);
        json.WriteEndObject();
        ChoiceJson.WriteLogprobs(json, logprobs);
        json.WriteString("finish_reason", ended is null ? null : ChoiceJson.FinishReason(ended, closesWithLength));
        if (ended is not null) ChoiceJson.WriteStructuredOutput(json, ended.Document);
        json.WriteEndObject();
        json.WriteEndArray();
        if (hasUsage) json.WriteNull("usage");
        json.WriteEndObject();
    }
}
