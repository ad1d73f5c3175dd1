using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cluster.OpenAI.Errors;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI;

/// <summary>JSON as this endpoint writes it: compact, characters beyond ASCII as they are.</summary>
internal static class JsonText
{
    /// <summary>Past every depth that a request may have, in an answer around it.</summary>
    public const int DepthMax = 16_384;

    private static readonly JsonSerializerOptions OneLineOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = DepthMax };

    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = false, MaxDepth = DepthMax };

    /// <summary>A value on one line: an event's data must not hold a line break.</summary>
    public static string OneLine(JsonElement value) => JsonSerializer.Serialize(value, OneLineOptions);

    /// <summary>A JSON text on one line.</summary>
    public static string OneLine(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = DepthMax });
        return OneLine(document.RootElement);
    }

    /// <summary>A JSON text on one line, as a value of another one. However deep it is: the writer's own check would stop at 64 levels.</summary>
    public static void WriteValue(Utf8JsonWriter json, ReadOnlySpan<byte> oneLine) => json.WriteRawValue(oneLine, skipInputValidation: true);

    /// <inheritdoc cref="WriteValue(Utf8JsonWriter, ReadOnlySpan{byte})"/>
    public static void WriteValue(Utf8JsonWriter json, string oneLine) => json.WriteRawValue(oneLine, skipInputValidation: true);

    /// <summary>Writes a whole JSON answer.</summary>
    public static async Task AnswerAsync<TState>(
        HttpContext http, int status, TState state, Action<Utf8JsonWriter, TState> write, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(body, WriterOptions)) write(json, state);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = body.WrittenCount;
        await http.Response.BodyWriter.WriteAsync(body.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Answers with an error, its retry advice in the headers.</summary>
    public static Task AnswerAsync(HttpContext http, ApiError error, CancellationToken cancellationToken)
    {
        http.Features.Set(error);
        if (error.RetryAfterSeconds is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (error is { Status: >= 500, IsRetryable: false }) http.Response.Headers["x-should-retry"] = "false";
        return AnswerAsync(http, error.Status, error, static (json, error) => error.Write(json), cancellationToken);
    }
}
