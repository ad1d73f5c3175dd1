using System.Collections.Immutable;
using System.Text.Json;

namespace Cluster.OpenAI.Errors;

/// <summary>An answer that is not a completion: HTTP status and the four keys that clients dispatch on.</summary>
/// <param name="Status">HTTP status code.</param>
/// <param name="Type">OpenAI's error class, e.g. <c>invalid_request_error</c>.</param>
/// <param name="Code">What exactly, for programs; null where the class says it all.</param>
/// <param name="Param">The request field concerned, or null.</param>
/// <param name="Message">One or two sentences for people.</param>
public sealed record ApiError(int Status, string Type, string? Code, string? Param, string Message)
{
    /// <summary>For schema errors, each place with its reason.</summary>
    public ImmutableArray<ApiErrorDetail> Details { get; init; } = [];

    /// <summary>For 429 and 503: seconds after which a retry may succeed.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>False on a 5xx that would happen again: tells the official clients not to retry.</summary>
    public bool IsRetryable { get; init; } = true;

    /// <summary>A 400 of the caller's making.</summary>
    public static ApiError Invalid(string? param, string message, string code = "invalid_request")
        => new(400, "invalid_request_error", code, param, message);

    /// <summary>The body <c>{"error":{…}}</c>; all four keys, always.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", Message);
        json.WriteString("type", Type);
        json.WriteString("param", Param);
        json.WriteString("code", Code);
        if (!Details.IsEmpty)
        {
            json.WriteStartArray("details");
            foreach (ApiErrorDetail detail in Details)
            {
                json.WriteStartObject();
                json.WriteString("pointer", detail.Pointer);
                json.WriteString("keyword", detail.Keyword);
                json.WriteString("reason", detail.Reason);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }
}

/// <param name="Pointer">JSON Pointer into the schema.</param>
/// <param name="Keyword">The keyword concerned, or empty.</param>
/// <param name="Reason">Why.</param>
public sealed record ApiErrorDetail(string Pointer, string Keyword, string Reason);

/// <summary>Carries an <see cref="ApiError"/> out of the readers of one request body; never leaves <c>Cluster.OpenAI</c>.</summary>
public sealed class ApiException(ApiError error) : Exception(error.Message)
{
    public ApiError Error { get; } = error;
}
