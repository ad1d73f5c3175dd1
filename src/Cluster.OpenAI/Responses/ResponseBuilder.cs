using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Replies;
using Cluster.OpenAI.Requests;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Responses;

/// <summary>Puts a response together from its events, and writes it in any state.</summary>
internal sealed class ResponseBuilder(ReplyHeader header, ResponsesRequest request, PreparedGeneration prepared, ResponseStore store, string owner, TimeProvider time)
{
    private readonly List<ResponseItem> _items = [];
    private long? _completed;

    public string Id { get; } = $"resp_{header.Id}";

    public bool HasLogprobs => request.TopLogprobs is not null;

    public IReadOnlyList<ResponseItem> Items => _items;

    public ChoiceEnded? Ended { get; set; }

    public StructuredOutputReport? StructuredOutput => Ended is null ? null : StructuredOutputReport.Of(prepared, Ended);

    public ApiError? Error { get; set; }

    /// <summary>The item that text or thoughts go to now; <paramref name="isNew"/> where it has just begun.</summary>
    public ResponseItem OpenItem(ResponseItemKind kind, out bool isNew)
    {
        isNew = _items is not [.., { IsDone: false } last] || last.Kind != kind;
        if (isNew) Add(kind, null);
        return _items[^1];
    }

    public ResponseItem AddCall(ToolCallBegan call) => Add(call.IsCustom ? ResponseItemKind.CustomCall : ResponseItemKind.FunctionCall, call);

    private ResponseItem Add(ResponseItemKind kind, ToolCallBegan? call)
    {
        string prefix = kind switch
        {
            ResponseItemKind.Message => "msg",
            ResponseItemKind.Reasoning => "rs",
            ResponseItemKind.CustomCall => "ctc",
            _ => "fc",
        };
        var item = new ResponseItem($"{prefix}_{header.Id}{_items.Count}", kind, call);
        _items.Add(item);
        return item;
    }

    public string Status => Error is not null ? "failed" : Ended is null ? "in_progress" : IsIncomplete ? "incomplete" : "completed";

    public bool IsIncomplete => Ended is not null && ChoiceJson.FinishReason(Ended, request.StructuredOutput.ClosesWithLength) == "length";

    public void Write(Utf8JsonWriter json, CompletionUsage? usage)
    {
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("object", "response");
        json.WriteNumber("created_at", header.Created);
        json.WritePropertyName("completed_at");
        if (Status == "completed") json.WriteNumberValue(_completed ??= time.GetUtcNow().ToUnixTimeSeconds());
        else json.WriteNullValue();
        json.WriteString("status", Status);
        json.WriteBoolean("background", false);
        json.WriteNull("access_programs");
        WriteError(json);
        json.WritePropertyName("incomplete_details");
        if (IsIncomplete) JsonText.WriteValue(json, """{"reason":"max_output_tokens"}""");
        else json.WriteNullValue();
        json.WriteString("model", header.Model);
        json.WriteStartArray("output");
        if (Ended is not null)
        {
            for (int index = 0; index < _items.Count; index++) _items[index].Write(json, IsIncomplete && index == _items.Count - 1 ? "incomplete" : "completed", isEmpty: false, HasLogprobs);
        }
        json.WriteEndArray();
        json.WriteStartObject("reasoning");
        json.WriteString("effort", request.Effort);
        json.WriteNull("summary");
        json.WriteEndObject();
        json.WriteString("service_tier", PriorityReader.TierOf(request.Priority));
        json.WritePropertyName("text");
        WriteFormat(json);
        foreach ((string name, string value) in request.Echo)
        {
            json.WritePropertyName(name);
            JsonText.WriteValue(json, value);
        }
        WriteUsage(json, usage);
        StructuredOutput?.Write(json);
        json.WriteEndObject();
    }

    /// <summary>Keeps the finished response where the request wants that.</summary>
    public void Store(CompletionUsage usage)
    {
        if (!request.IsStored || Error is not null) return;
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, JsonText.WriterOptions)) Write(json, usage);
        ImmutableArray<KeyValuePair<string, ChatMessage>> items = [.. _items.Where(item => item.Kind != ResponseItemKind.Reasoning).Select(item => new KeyValuePair<string, ChatMessage>(item.Id, item.AsMessage()))];
        store.Add(new StoredResponse(Id, owner, buffer.WrittenSpan.ToArray(), request.InputItems, [.. request.Before, .. request.Input, .. Joined(items)], items));
    }

    /// <summary>Text and calls of one turn are one message.</summary>
    private static IEnumerable<ChatMessage> Joined(ImmutableArray<KeyValuePair<string, ChatMessage>> items) => items.IsEmpty
        ? []
        : [new ChatMessage("assistant", string.Concat(items.Select(item => item.Value.Content))) { ToolCalls = [.. items.SelectMany(item => item.Value.ToolCalls)] }];

    private void WriteError(Utf8JsonWriter json)
    {
        if (Error is null)
        {
            json.WriteNull("error");
            return;
        }
        json.WriteStartObject("error");
        json.WriteString("code", Error.Code ?? "server_error");
        json.WriteString("message", Error.Message);
        json.WriteEndObject();
    }

    private void WriteFormat(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("format");
        string type = request.Format.Grammar?.Kind switch
        {
            Grammar.GrammarKind.JsonSchema => "json_schema",
            Grammar.GrammarKind.JsonObject => "json_object",
            _ => "text",
        };
        json.WriteString("type", type);
        if (type == "json_schema")
        {
            json.WriteString("description", request.Format.Description);
            json.WriteString("name", request.Format.Name ?? "schema");
            json.WritePropertyName("schema");
            JsonText.WriteValue(json, JsonText.OneLine(request.Format.Grammar!.Text));
            json.WriteBoolean("strict", request.Format.IsStrict);
        }
        json.WriteEndObject();
        json.WriteString("verbosity", request.Verbosity);
        json.WriteEndObject();
    }

    private static void WriteUsage(Utf8JsonWriter json, CompletionUsage? usage)
    {
        if (usage is null)
        {
            json.WriteNull("usage");
            return;
        }
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", usage.PromptTokens);
        json.WriteStartObject("input_tokens_details");
        json.WriteNumber("cached_tokens", usage.CachedPromptTokens);
        json.WriteEndObject();
        json.WriteNumber("output_tokens", usage.CompletionTokens);
        json.WriteStartObject("output_tokens_details");
        json.WriteNumber("reasoning_tokens", usage.ReasoningTokens);
        json.WriteEndObject();
        json.WriteNumber("total_tokens", usage.PromptTokens + usage.CompletionTokens);
        json.WriteEndObject();
    }
}
