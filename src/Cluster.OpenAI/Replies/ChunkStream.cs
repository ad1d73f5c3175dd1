using System.Text.Json;
using Cluster.OpenAI.Errors;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Replies;

/// <summary>
/// A reply in chunks, as chat completions and completions have them: each repeats the header around one choice; the usage comes in a chunk
/// without choices where it was asked for; then <c>[DONE]</c>. Or an error, and nothing after it.
/// </summary>
public abstract class ChunkStream(ReplyHeader header, string objectName, bool includesUsage) : IReplyStream
{
    public abstract ValueTask StartAsync(ServerSentEvents stream, CancellationToken cancellationToken);

    public abstract ValueTask SendAsync(ServerSentEvents stream, GenerationEvent generated, CancellationToken cancellationToken);

    public async ValueTask EndAsync(ServerSentEvents stream, CompletionUsage usage, CancellationToken cancellationToken)
    {
        if (includesUsage) await stream.SendAsync((this, usage), static (json, state) => state.Item1.WriteUsage(json, state.usage), cancellationToken).ConfigureAwait(false);
        await stream.SendDoneAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask FailAsync(ServerSentEvents stream, ApiError error, CancellationToken cancellationToken)
        => stream.SendAsync(error, static (json, error) => error.Write(json), cancellationToken);

    /// <summary>A chunk around the choice that <paramref name="writeChoice"/> writes.</summary>
    protected void WriteChunk<TState>(Utf8JsonWriter json, TState state, Action<Utf8JsonWriter, TState> writeChoice)
    {
        json.WriteStartObject();
        header.Write(json, objectName);
        json.WriteStartArray("choices");
        writeChoice(json, state);
        json.WriteEndArray();
        if (includesUsage) json.WriteNull("usage");
        json.WriteEndObject();
    }

    private void WriteUsage(Utf8JsonWriter json, CompletionUsage usage)
    {
        json.WriteStartObject();
        header.Write(json, objectName);
        json.WriteStartArray("choices");
        json.WriteEndArray();
        usage.Write(json);
        json.WriteEndObject();
    }
}
