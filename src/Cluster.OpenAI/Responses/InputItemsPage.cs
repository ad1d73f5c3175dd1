using System.Globalization;
using System.Text.Json;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Requests;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI.Responses;

/// <summary>A page of what a stored response was asked: <c>GET /v1/responses/{id}/input_items</c> with <c>order</c>, <c>after</c> and <c>limit</c>.</summary>
internal sealed class InputItemsPage
{
    private const int DefaultLimit = 20, LimitMax = 100;

    private readonly bool _isAscending;
    private readonly string? _after;
    private readonly int _limit = DefaultLimit;

    /// <param name="query">Of the request.</param>
    /// <exception cref="ApiException">A value is out of range.</exception>
    public InputItemsPage(IQueryCollection query)
    {
        _isAscending = query["order"].ToString() switch
        {
            "" or "desc" => false,
            "asc" => true,
            _ => throw RequestObject.OutOfRange("order", "'asc' or 'desc'"),
        };
        _after = query["after"].ToString() is { Length: > 0 } after ? after : null;
        if (query["limit"].ToString() is not { Length: > 0 } limit) return;
        if (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out _limit) || _limit is < 1 or > LimitMax) throw RequestObject.OutOfRange("limit", $"between 1 and {LimitMax}");
    }

    /// <summary>The newest first unless asked otherwise, as everywhere in this API.</summary>
    /// <exception cref="ApiException">There is no item to go on after.</exception>
    public void Write(Utf8JsonWriter json, StoredResponse response)
    {
        using JsonDocument document = JsonDocument.Parse(response.InputItems, new JsonDocumentOptions { MaxDepth = JsonText.DepthMax });
        (string Id, JsonElement Item)[] items = [.. document.RootElement.EnumerateArray().Select((item, index) => (IdOf(item) ?? $"item_{response.Id}_{index}", item))];
        if (!_isAscending) Array.Reverse(items);
        int from = _after is null ? 0 : Array.FindIndex(items, item => item.Id == _after) + 1;
        if (_after is not null && from == 0) throw RequestObject.Invalid("after", $"The response has no input item '{_after}'.");
        (string Id, JsonElement Item)[] page = [.. items.Skip(from).Take(_limit)];
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach ((string id, JsonElement item) in page) WriteItem(json, id, item);
        json.WriteEndArray();
        json.WriteString("first_id", page.Length == 0 ? null : page[0].Id);
        json.WriteString("last_id", page.Length == 0 ? null : page[^1].Id);
        json.WriteBoolean("has_more", from + page.Length < items.Length);
        json.WriteEndObject();
    }

    private static string? IdOf(JsonElement item) => item.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;

    /// <summary>As it came, with what the short forms leave out.</summary>
    private static void WriteItem(Utf8JsonWriter json, string id, JsonElement item)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        string type = item.TryGetProperty("type", out JsonElement named) && named.ValueKind == JsonValueKind.String ? named.GetString()! : "message";
        json.WriteString("type", type);
        if (type != "item_reference" && !item.TryGetProperty("status", out _)) json.WriteString("status", "completed");
        foreach (JsonProperty member in item.EnumerateObject())
        {
            if (member.Name is "id" or "type") continue;
            if (type == "message" && member is { Name: "content", Value.ValueKind: JsonValueKind.String }) WriteText(json, member.Value, item.GetProperty("role").GetString() == "assistant");
            else member.WriteTo(json);
        }
        json.WriteEndObject();
    }

    /// <summary>A message's text as the one part that it stands for.</summary>
    private static void WriteText(Utf8JsonWriter json, JsonElement text, bool isAnswer)
    {
        json.WriteStartArray("content");
        json.WriteStartObject();
        json.WriteString("type", isAnswer ? "output_text" : "input_text");
        json.WritePropertyName("text");
        text.WriteTo(json);
        if (isAnswer)
        {
            json.WriteStartArray("annotations");
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
