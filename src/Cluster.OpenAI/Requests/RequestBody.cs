using System.Text.Json;
using Cluster.OpenAI.Errors;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI.Requests;

/// <summary>Reads a request's body as JSON, within bounds.</summary>
internal static class RequestBody
{
    /// <exception cref="ApiException">415 where it is compressed; 413 past the size; 400 where it is not JSON or nests too deeply.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpContext http, OpenAIOptions options, CancellationToken cancellationToken)
    {
        string encoding = http.Request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(new ApiError(415, "invalid_request_error", "unsupported_content_encoding", null, $"The request body is encoded as '{encoding}': send it without content-encoding."));
        }
        try
        {
            var parsing = new JsonDocumentOptions { MaxDepth = options.BodyDepthMax };
            JsonDocument body = await JsonDocument.ParseAsync(http.Request.Body, parsing, cancellationToken).ConfigureAwait(false);
            WellFormedText.Check(body.RootElement, "");
            return body;
        }
        catch (JsonException exception)
        {
            string place = exception.LineNumber is { } line ? $" (line {line + 1}, byte {exception.BytePositionInLine + 1})" : "";
            throw new ApiException(ApiError.Invalid(null,
                $"The request body is not valid JSON, or nests deeper than {options.BodyDepthMax} levels{place}."));
        }
        catch (BadHttpRequestException exception)
        {
            throw new ApiException(exception.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? new ApiError(413, "invalid_request_error", "request_too_large", null, $"The request body is longer than {options.BodyBytesMax} bytes.")
                : new ApiError(exception.StatusCode, "invalid_request_error", "invalid_request", null, "The request body could not be read."));
        }
    }
}
