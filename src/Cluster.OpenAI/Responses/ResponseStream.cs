using System.Collections.Immutable;
using System.Text.Json;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Replies;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Responses;

/// <summary>
/// A streamed response: named events, numbered from 0. Each item is announced, grows, and is repeated whole when it is done; the last event
/// repeats the whole response.
/// </summary>
internal sealed class ResponseStream(ResponseBuilder response) : IReplyStream
{
    private int _sequenceNumber;

    public async ValueTask StartAsync(ServerSentEvents stream, CancellationToken cancellationToken)
    {
        await SendResponseAsync(stream, "response.created", null, cancellationToken).ConfigureAwait(false);
        await SendResponseAsync(stream, "response.in_progress", null, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask SendAsync(ServerSentEvents stream, GenerationEvent generated, CancellationToken cancellationToken)
    {
        switch (generated)
        {
            case ReasoningGenerated reasoning:
                await SendTextAsync(stream, ResponseItemKind.Reasoning, reasoning.Text, [], cancellationToken).ConfigureAwait(false);
                break;
            case TextGenerated text:
                await SendTextAsync(stream, ResponseItemKind.Message, text.Text, text.Logprobs, cancellationToken).ConfigureAwait(false);
                break;
            case ToolCallBegan began:
                await CloseAsync(stream, cancellationToken).ConfigureAwait(false);
                response.AddCall(began);
                await SendItemAsync(stream, "response.output_item.added", "in_progress", isEmpty: true, cancellationToken).ConfigureAwait(false);
                break;
            case ToolCallInput input:
                response.Items[^1].Text.Append(input.Text);
                await SendPieceAsync(stream, $"response.{InputName}.delta", "delta", input.Text, null, cancellationToken).ConfigureAwait(false);
                break;
            case ToolCallEnded:
                await CloseAsync(stream, cancellationToken).ConfigureAwait(false);
                break;
            case ChoiceEnded ended:
                if (response.Items is [] or [{ Kind: ResponseItemKind.Reasoning }]) await SendTextAsync(stream, ResponseItemKind.Message, "", [], cancellationToken).ConfigureAwait(false);
                response.Ended = ended;
                await CloseAsync(stream, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    public ValueTask EndAsync(ServerSentEvents stream, CompletionUsage usage, CancellationToken cancellationToken)
    {
        response.Store(usage);
        return SendResponseAsync(stream, response.IsIncomplete ? "response.incomplete" : "response.completed", usage, cancellationToken);
    }

    public ValueTask FailAsync(ServerSentEvents stream, ApiError error, CancellationToken cancellationToken)
    {
        response.Error = error;
        return SendResponseAsync(stream, "response.failed", null, cancellationToken);
    }

    private string InputName => response.Items[^1].Call!.IsCustom ? "custom_tool_call_input" : "function_call_arguments";

    private static string TextName(ResponseItemKind kind) => kind == ResponseItemKind.Message ? "output_text" : "reasoning_text";

    private static ImmutableArray<TokenTextLogprob>? LogprobsOf(ResponseItem item, ImmutableArray<TokenTextLogprob> logprobs) => item.Kind == ResponseItemKind.Message ? logprobs : null;

    private async ValueTask SendTextAsync(
        ServerSentEvents stream, ResponseItemKind kind, string text, ImmutableArray<TokenTextLogprob> logprobs, CancellationToken cancellationToken)
    {
        if (response.Items is [.., { IsDone: false } last] && last.Kind != kind) await CloseAsync(stream, cancellationToken).ConfigureAwait(false);
        ResponseItem item = response.OpenItem(kind, out bool isNew);
        if (isNew)
        {
            await SendItemAsync(stream, "response.output_item.added", "in_progress", isEmpty: true, cancellationToken).ConfigureAwait(false);
            await SendPartAsync(stream, "response.content_part.added", isEmpty: true, cancellationToken).ConfigureAwait(false);
        }
        item.Text.Append(text);
        item.Logprobs.AddRange(logprobs);
        if (text.Length > 0) await SendPieceAsync(stream, $"response.{TextName(kind)}.delta", "delta", text, LogprobsOf(item, logprobs), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Says that the item which grew until now is done.</summary>
    private async ValueTask CloseAsync(ServerSentEvents stream, CancellationToken cancellationToken)
    {
        if (response.Items is not [.., { IsDone: false } item]) return;
        item.IsDone = true;
        string whole = item.Text.ToString();
        if (item.Call is null)
        {
            await SendPieceAsync(stream, $"response.{TextName(item.Kind)}.done", "text", whole, LogprobsOf(item, [.. item.Logprobs]), cancellationToken).ConfigureAwait(false);
            await SendPartAsync(stream, "response.content_part.done", isEmpty: false, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await SendPieceAsync(stream, $"response.{InputName}.done", item.Call.IsCustom ? "input" : "arguments", whole, null, cancellationToken).ConfigureAwait(false);
        }
        await SendItemAsync(stream, "response.output_item.done", response.IsIncomplete ? "incomplete" : "completed", isEmpty: false, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask SendResponseAsync(ServerSentEvents stream, string type, CompletionUsage? usage, CancellationToken cancellationToken)
        => SendAsync(stream, type, usage, static (json, self, usage) =>
        {
            json.WritePropertyName("response");
            self.Response.Write(json, usage);
        }, cancellationToken);

    private ValueTask SendItemAsync(ServerSentEvents stream, string type, string status, bool isEmpty, CancellationToken cancellationToken)
        => SendAsync(stream, type, (status, isEmpty), static (json, self, state) =>
        {
            json.WriteNumber("output_index", self.Response.Items.Count - 1);
            json.WritePropertyName("item");
            self.Response.Items[^1].Write(json, state.status, state.isEmpty, self.Response.HasLogprobs);
        }, cancellationToken);

    private ValueTask SendPartAsync(ServerSentEvents stream, string type, bool isEmpty, CancellationToken cancellationToken)
        => SendAsync(stream, type, isEmpty, static (json, self, isEmpty) =>
        {
            self.WritePlace(json);
            json.WritePropertyName("part");
            self.Response.Items[^1].WritePart(json, isEmpty, self.Response.HasLogprobs);
        }, cancellationToken);

    /// <summary>More of an item, or all of it.</summary>
    private ValueTask SendPieceAsync(
        ServerSentEvents stream, string type, string name, string piece, ImmutableArray<TokenTextLogprob>? logprobs, CancellationToken cancellationToken)
        => SendAsync(stream, type, (name, piece, logprobs), static (json, self, state) =>
        {
            self.WritePlace(json);
            json.WriteString(state.name, state.piece);
            if (state.name == "arguments") json.WriteString("name", self.Response.Items[^1].Call!.Name);
            if (state.logprobs is not { } logprobs) return;
            json.WritePropertyName("logprobs");
            ChoiceJson.WriteLogprobList(json, self.Response.HasLogprobs ? logprobs : []);
        }, cancellationToken);

    private void WritePlace(Utf8JsonWriter json)
    {
        json.WriteString("item_id", Response.Items[^1].Id);
        json.WriteNumber("output_index", Response.Items.Count - 1);
        if (Response.Items[^1].Call is null) json.WriteNumber("content_index", 0);
    }

    private ResponseBuilder Response => response;

    private ValueTask SendAsync<TState>(ServerSentEvents stream, string type, TState state, Action<Utf8JsonWriter, ResponseStream, TState> write, CancellationToken cancellationToken)
        => stream.SendAsync(type, (this, type, state, write), static (json, all) =>
        {
            json.WriteStartObject();
            json.WriteString("type", all.type);
            json.WriteNumber("sequence_number", all.Item1._sequenceNumber++);
            all.write(json, all.Item1, all.state);
            json.WriteEndObject();
        }, cancellationToken);
}
