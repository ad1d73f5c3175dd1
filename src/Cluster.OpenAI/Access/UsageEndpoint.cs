using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI.Access;

/// <summary><c>GET /v1/usage</c>: a key's own use of each model, everybody's for an admin.</summary>
public sealed class UsageEndpoint(UsageLedger ledger)
{
    public Task HandleAsync(HttpContext http)
    {
        ApiKey caller = http.Caller();
        IEnumerable<Usage> shown = ledger.Snapshot().Where(usage => caller.IsAdmin || usage.Key == caller.Id);
        return JsonText.AnswerAsync(http, StatusCodes.Status200OK, shown, static (json, shown) =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            foreach (Usage usage in shown) Write(json, usage);
            json.WriteEndArray();
            json.WriteEndObject();
        }, http.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, Usage usage)
    {
        json.WriteStartObject();
        json.WriteString("object", "usage");
        json.WriteString("key", usage.Key);
        json.WriteString("model", usage.Model);
        json.WriteNumber("requests", usage.Requests);
        json.WriteNumber("prompt_tokens", usage.PromptTokens);
        json.WriteNumber("cached_prompt_tokens", usage.CachedPromptTokens);
        json.WriteNumber("completion_tokens", usage.CompletionTokens);
        json.WriteEndObject();
    }
}
