using System.Text.Json;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Requests;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI;

/// <summary>A request with a JSON body that generates nothing: read, answer, errors as everywhere.</summary>
internal static class BodyExchange
{
    public static async Task HandleAsync(HttpContext http, OpenAIOptions options, Func<RequestObject, CancellationToken, Task> answer)
    {
        try
        {
            using JsonDocument body = await RequestBody.ReadAsync(http, options, http.RequestAborted).ConfigureAwait(false);
            await answer(new RequestObject(body.RootElement, ""), http.RequestAborted).ConfigureAwait(false);
        }
        catch (ApiException exception) when (!http.Response.HasStarted)
        {
            await JsonText.AnswerAsync(http, exception.Error, http.RequestAborted).ConfigureAwait(false);
        }
    }
}
