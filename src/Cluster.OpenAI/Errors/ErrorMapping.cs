using Cluster.Grammar;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Errors;

/// <summary>The one place where refusals and failures of the layers below become HTTP.</summary>
public static class ErrorMapping
{
    /// <param name="rejection">Why the request cannot run.</param>
    /// <param name="schemaParam">The request field that holds the answer's schema.</param>
    /// <param name="promptParam">The request field that holds the prompt.</param>
    /// <param name="tokensParam">The request field that holds the budget of tokens.</param>
    public static ApiError ToApiError(GenerationRejection rejection, string schemaParam = "response_format", string promptParam = "messages", string tokensParam = "max_completion_tokens") => rejection.Kind switch
    {
        GenerationRejectionKind.ModelNotFound => new(404, "invalid_request_error", "model_not_found", "model", rejection.Message),
        GenerationRejectionKind.SchemaRejected => rejection.Tool is { } tool
            ? ToApiError(rejection.SchemaRejections, tool.Param, $"the tool '{tool.Name}'")
            : ToApiError(rejection.SchemaRejections, schemaParam, schemaParam),
        GenerationRejectionKind.MessagesRejected => ApiError.Invalid(promptParam, rejection.Message),
        GenerationRejectionKind.PromptTooLong => ApiError.Invalid(promptParam, rejection.Message, "context_length_exceeded"),
        GenerationRejectionKind.TokensMaxTooSmall => ApiError.Invalid(tokensParam, rejection.Message, "max_tokens_too_small"),
        _ => throw new ArgumentOutOfRangeException(nameof(rejection)),
    };

    /// <summary>The first reason gives code and message; all of them are details.</summary>
    public static ApiError ToApiError(IReadOnlyList<SchemaRejection> rejections, string param, string what)
    {
        SchemaRejection first = rejections[0];
        string code = first.Kind switch
        {
            SchemaRejectionKind.Malformed => "invalid_request",
            SchemaRejectionKind.UnsupportedKeyword => "unsupported_schema_keyword",
            SchemaRejectionKind.Unsatisfiable => "invalid_json_schema",
            SchemaRejectionKind.TooLarge => "response_format_too_large",
            _ => throw new ArgumentOutOfRangeException(nameof(rejections)),
        };
        string place = first.JsonPointer.Length == 0 ? "the root of the schema" : $"'{first.JsonPointer}'";
        string fuel = first.Kind == SchemaRejectionKind.TooLarge && first.FuelSpent > 0 ? $" Fuel spent before it was given up: {first.FuelSpent}." : "";
        string keyword = first.Keyword.Length == 0 ? "" : $", keyword '{first.Keyword}'";
        return ApiError.Invalid(param, $"Invalid schema for {what} at {place}{keyword}: {first.Message}{fuel}", code) with
        {
            Details = [.. rejections.Select(rejection => new ApiErrorDetail(rejection.JsonPointer, rejection.Keyword, rejection.Message))],
        };
    }

    public static ApiError ToApiError(GenerationError error) => error.Kind switch
    {
        GenerationErrorKind.Overloaded => new(503, "server_error", "overloaded", null, error.Message) { RetryAfterSeconds = 1 },
        GenerationErrorKind.NoReplica => new(503, "server_error", "no_replica", null, error.Message) { RetryAfterSeconds = 5 },
        GenerationErrorKind.ModelFailed => new(500, "server_error", "model_failed", null, error.Message),
        GenerationErrorKind.InvalidDocument => new(502, "server_error", "chat_provider_unknown_error", null, error.Message) { IsRetryable = false },
        _ => new(500, "server_error", "internal_error", null, error.Message) { IsRetryable = false },
    };

    /// <summary>A bug of this server.</summary>
    public static ApiError Internal { get; } = new(500, "server_error", "internal_error", null, "The server failed on this request.") { IsRetryable = false };

    /// <summary>A stream that the server ends because it is shutting down.</summary>
    public static ApiError ShuttingDown { get; } = new(503, "server_error", "shutting_down", null, "The server is shutting down.") { RetryAfterSeconds = 5 };

    /// <summary>A request that the server ends because it has run for too long.</summary>
    public static ApiError TookTooLong { get; } = new(504, "server_error", "request_timeout", null, "The request took longer than this server allows.") { IsRetryable = false };
}
