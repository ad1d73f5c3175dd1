using System.Text.Json;
using Cluster.OpenAI.Replies;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Completions;

/// <summary>The chunks of a streamed completion, each written as one event.</summary>
public sealed class CompletionChunks(ReplyHeader header, CompletionRequest request, PreparedGeneration prepared)
    : ChunkStream(header, CompletionJson.ObjectName, request.IncludesUsage)
{
    private readonly int[] _textOffsets = new int[prepared.Request.Choices];

    public override async ValueTask StartAsync(ServerSentEvents stream, CancellationToken cancellationToken)
    {
        if (!request.Echoes) return;
        for (int choice = 0; choice < prepared.Request.Choices; choice++)
        {
            await SendAsync(stream, new TextGenerated(choice, CompletionJson.EchoOf(request, prepared, choice), []), cancellationToken).ConfigureAwait(false);
        }
    }

    public override ValueTask SendAsync(ServerSentEvents stream, GenerationEvent generated, CancellationToken cancellationToken)
        => generated is ChoiceEvent one ? stream.SendAsync((this, one), static (json, state) => state.Item1.Write(json, state.one), cancellationToken) : default;

    private void Write(Utf8JsonWriter json, ChoiceEvent one)
    {
        var text = one as TextGenerated;
        WriteChunk(json, (self: this, one, text), static (json, chunk) => CompletionJson.WriteChoice(
            json, chunk.self.Request, chunk.self.Prepared, chunk.one.Choice, chunk.text?.Text ?? "", chunk.text is null ? [] : chunk.text.Logprobs,
            chunk.self._textOffsets[chunk.one.Choice], chunk.one as ChoiceEnded));
        _textOffsets[one.Choice] += text?.Text.Length ?? 0;
    }

    private CompletionRequest Request => request;

    private PreparedGeneration Prepared => prepared;
}
