using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cluster.OpenAI.Errors;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI;

/// <summary>JSON as this endpoint writes it: compact, characters beyond ASCII as they are.</summary>
internal static class JsonText
{
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = false };

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
        if (error.RetryAfterSeconds is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (error is { Status: >= 500, IsRetryable: false }) http.Response.Headers["x-should-retry"] = "false";
        return AnswerAsync(http, error.Status, error, static (json, error) => error.Write(json), cancellationToken);
    }
}
