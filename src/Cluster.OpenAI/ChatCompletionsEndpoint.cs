using System.Text.Json;
using Cluster.OpenAI.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Cluster.OpenAI;

/// <summary><c>POST /v1/chat/completions</c>: read by <see cref="ChatCompletionRequestReader"/>, answered through <see cref="GenerationExchange"/>.</summary>
public sealed class ChatCompletionsEndpoint(GenerationExchange exchange, IOptions<OpenAIOptions> options, StructuredOutputOptions structured)
{
    public Task HandleAsync(HttpContext http) => exchange.HandleAsync(http, Read);

    /// <summary>The body as a request.</summary>
    /// <exception cref="Errors.ApiException">It is none.</exception>
    public IRequestFormat Read(JsonElement body) => new ChatCompletionFormat(ChatCompletionRequestReader.Read(new RequestObject(body, ""), structured.Grammar, options.Value));
}
