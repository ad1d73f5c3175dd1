using System.Text.Json;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Replies;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Completions;

/// <summary>The chunks of a streamed completion, each written as one event.</summary>
public sealed class CompletionChunks(ReplyHeader header, CompletionRequest request, PreparedGeneration prepared) : IReplyStream
{
    private readonly int[] _textOffsets = new int[prepared.Request.Choices];

    public async ValueTask StartAsync(ServerSentEvents stream, CancellationToken cancellationToken)
    {
        if (!request.Echoes) return;
        for (int choice = 0; choice < prepared.Request.Choices; choice++)
        {
            await SendAsync(stream, new TextGenerated(choice, CompletionJson.EchoOf(request, prepared, choice), []), cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask SendAsync(ServerSentEvents stream, GenerationEvent generated, CancellationToken cancellationToken)
        => generated is ChoiceEvent one ? stream.SendAsync((this, one), static (json, state) => state.Item1.Write(json, state.one), cancellationToken) : default;

    public async ValueTask EndAsync(ServerSentEvents stream, CompletionUsage usage, CancellationToken cancellationToken)
    {
        if (request.IncludesUsage) await stream.SendAsync((this, usage), static (json, state) => state.Item1.WriteUsage(json, state.usage), cancellationToken).ConfigureAwait(false);
        await stream.SendDoneAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask FailAsync(ServerSentEvents stream, ApiError error, CancellationToken cancellationToken)
        => stream.SendAsync(error, static (json, error) => error.Write(json), cancellationToken);

    private void Write(Utf8JsonWriter json, ChoiceEvent one)
    {
        var text = one as TextGenerated;
        json.WriteStartObject();
        header.Write(json, CompletionJson.ObjectName);
        json.WriteStartArray("choices");
        CompletionJson.WriteChoice(json, request, prepared, one.Choice, text?.Text ?? "", text is null ? [] : text.Logprobs, _textOffsets[one.Choice], one as ChoiceEnded);
        _textOffsets[one.Choice] += text?.Text.Length ?? 0;
        json.WriteEndArray();
        if (request.IncludesUsage) json.WriteNull("usage");
        json.WriteEndObject();
    }

    private void WriteUsage(Utf8JsonWriter json, CompletionUsage usage)
    {
        json.WriteStartObject();
        header.Write(json, CompletionJson.ObjectName);
        json.WriteStartArray("choices");
        json.WriteEndArray();
        usage.Write(json);
        json.WriteEndObject();
    }
}
