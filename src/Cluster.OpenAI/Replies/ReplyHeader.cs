using System.Text.Json;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Replies;

/// <summary>What every object of one reply repeats: its id, when and by which model.</summary>
/// <param name="Id">Of the reply, e.g. <c>chatcmpl-…</c>.</param>
/// <param name="Created">Unix seconds.</param>
/// <param name="Model">The model's name.</param>
/// <param name="SystemFingerprint">Short mark of model and engine: equal seeds give equal replies only under equal marks.</param>
public sealed record ReplyHeader(string Id, long Created, string Model, string SystemFingerprint)
{
    /// <summary>The tier it is served in; null in formats that do not say.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>Of a request that begins now; the id is still without the prefix of its format.</summary>
    public static ReplyHeader Of(PreparedGeneration prepared, TimeProvider time) => new(
        prepared.Request.RequestId, time.GetUtcNow().ToUnixTimeSeconds(), prepared.Model.Id,
        $"fp_{prepared.Model.Fingerprint.AsSpan(0, Math.Min(12, prepared.Model.Fingerprint.Length))}");

    public void Write(Utf8JsonWriter json, string objectName)
    {
        json.WriteString("id", Id);
        json.WriteString("object", objectName);
        json.WriteNumber("created", Created);
        json.WriteString("model", Model);
        if (ServiceTier is not null) json.WriteString("service_tier", ServiceTier);
        json.WriteString("system_fingerprint", SystemFingerprint);
    }
}

/// <summary>Token counts of one request.</summary>
public sealed record CompletionUsage(int PromptTokens, int CompletionTokens, int CachedPromptTokens)
{
    /// <summary>Of the completion, what the model thought.</summary>
    public int ReasoningTokens { get; init; }

    /// <summary>Guesses from the request's prediction that were checked, and those that held.</summary>
    public int PredictedTokens { get; init; }
    public int AcceptedPredictedTokens { get; init; }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", PromptTokens);
        json.WriteNumber("completion_tokens", CompletionTokens);
        json.WriteNumber("total_tokens", PromptTokens + CompletionTokens);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", CachedPromptTokens);
        json.WriteNumber("audio_tokens", 0);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", ReasoningTokens);
        json.WriteNumber("audio_tokens", 0);
        json.WriteNumber("accepted_prediction_tokens", AcceptedPredictedTokens);
        json.WriteNumber("rejected_prediction_tokens", PredictedTokens - AcceptedPredictedTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
