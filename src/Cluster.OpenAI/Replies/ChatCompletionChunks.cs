using System.Collections.Immutable;
using System.Text.Json;
using Cluster.OpenAI.Requests;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Replies;

/// <summary>The chunks of a streamed chat completion, each written as one event.</summary>
public sealed class ChatCompletionChunks(ReplyHeader header, ChatCompletionRequest request, PreparedGeneration prepared)
    : ChunkStream(header, "chat.completion.chunk", request.IncludesUsage)
{
    private readonly bool _hasLogprobs = request.TopLogprobs is not null;
    private readonly ChunkTemplate?[] _texts = new ChunkTemplate?[request.Choices];
    private readonly ChunkTemplate?[] _thoughts = new ChunkTemplate?[request.Choices];

    public override async ValueTask StartAsync(ServerSentEvents stream, CancellationToken cancellationToken)
    {
        for (int choice = 0; choice < request.Choices; choice++)
        {
            await stream.SendAsync((this, choice), static (json, state) => state.Item1.WriteRole(json, state.choice), cancellationToken).ConfigureAwait(false);
        }
    }

    public override ValueTask SendAsync(ServerSentEvents stream, GenerationEvent generated, CancellationToken cancellationToken) => generated switch
    {
        TextGenerated text when !_hasLogprobs => stream.SendAsync(TemplateOf(ref _texts[text.Choice], text.Choice, "content"), text.Text, cancellationToken),
        TextGenerated text => stream.SendAsync((this, text), static (json, state) => state.Item1.WriteText(json, state.text), cancellationToken),
        ReasoningGenerated reasoning => stream.SendAsync(TemplateOf(ref _thoughts[reasoning.Choice], reasoning.Choice, "reasoning_content"), reasoning.Text, cancellationToken),
        ToolCallBegan began => stream.SendAsync((this, began), static (json, state) => state.Item1.WriteCall(json, state.began), cancellationToken),
        ToolCallInput input => stream.SendAsync((this, input), static (json, state) => state.Item1.WriteInput(json, state.input), cancellationToken),
        ChoiceEnded ended => stream.SendAsync((this, ended), static (json, state) => state.Item1.WriteEnd(json, state.ended), cancellationToken),
        _ => default,
    };

    /// <summary>The first chunk of a choice: it carries the role.</summary>
    private void WriteRole(Utf8JsonWriter json, int choice) => WriteChunk(json, choice, _hasLogprobs ? [] : null, null, "", static (json, _) =>
    {
        json.WriteString("role", "assistant");
        json.WriteString("content", "");
        json.WriteNull("refusal");
    });

    /// <summary>Chunks whose delta is one text and nothing else.</summary>
    private ChunkTemplate TemplateOf(ref ChunkTemplate? template, int choice, string member) => template ??= new ChunkTemplate(
        (json, text) => WriteChunk(json, choice, _hasLogprobs ? [] : null, null, (member, text), static (json, state) => json.WriteString(state.member, state.text)));

    private void WriteText(Utf8JsonWriter json, TextGenerated text)
        => WriteChunk(json, text.Choice, _hasLogprobs ? text.Logprobs : null, null, text.Text, static (json, text) => json.WriteString("content", text));

    /// <summary>The first chunk of a call: only it carries id, type and name.</summary>
    private void WriteCall(Utf8JsonWriter json, ToolCallBegan began) => WriteChunk(json, began.Choice, null, null, began, static (json, began) =>
    {
        string type = began.IsCustom ? "custom" : "function";
        WriteCallStart(json, began.Call);
        json.WriteString("id", began.Id);
        json.WriteString("type", type);
        json.WriteStartObject(type);
        json.WriteString("name", began.Name);
        json.WriteString(began.IsCustom ? "input" : "arguments", "");
        WriteCallEnd(json);
    });

    private void WriteInput(Utf8JsonWriter json, ToolCallInput input) => WriteChunk(json, input.Choice, null, null, input, static (json, input) =>
    {
        WriteCallStart(json, input.Call);
        json.WriteStartObject(input.IsCustom ? "custom" : "function");
        json.WriteString(input.IsCustom ? "input" : "arguments", input.Text);
        WriteCallEnd(json);
    });

    private static void WriteCallStart(Utf8JsonWriter json, int call)
    {
        json.WriteStartArray("tool_calls");
        json.WriteStartObject();
        json.WriteNumber("index", call);
    }

    private static void WriteCallEnd(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>The last chunk of a choice: its reason, and how a document ended.</summary>
    private void WriteEnd(Utf8JsonWriter json, ChoiceEnded ended) => WriteChunk(json, ended.Choice, null, ended, "", static (_, _) => { });

    private void WriteChunk<TState>(
        Utf8JsonWriter json, int choice, ImmutableArray<TokenTextLogprob>? logprobs, ChoiceEnded? ended, TState state, Action<Utf8JsonWriter, TState> writeDelta)
        => WriteChunk(json, (self: this, choice, logprobs, ended, state, writeDelta), static (json, chunk) =>
        {
            json.WriteStartObject();
            json.WriteNumber("index", chunk.choice);
            json.WriteStartObject("delta");
            chunk.writeDelta(json, chunk.state);
            json.WriteEndObject();
            ChoiceJson.WriteLogprobs(json, chunk.logprobs);
            chunk.self.WriteReason(json, chunk.ended);
            json.WriteEndObject();
        });

    private void WriteReason(Utf8JsonWriter json, ChoiceEnded? ended)
    {
        json.WriteString("finish_reason", ended is null ? null : ChoiceJson.FinishReason(ended, request.StructuredOutput.ClosesWithLength));
        if (ended is not null) StructuredOutputReport.Of(prepared, ended)?.Write(json);
    }
}
