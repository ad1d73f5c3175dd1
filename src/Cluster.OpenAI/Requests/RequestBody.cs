using System.Text.Json;
using Cluster.OpenAI.Errors;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI.Requests;

/// <summary>Reads a request's body as JSON, within bounds.</summary>
internal static class RequestBody
{
    /// <exception cref="ApiException">413 past the size; 400 where it is not JSON or nests too deeply.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpContext http, OpenAIOptions options, CancellationToken cancellationToken)
    {
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
