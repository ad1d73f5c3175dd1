using Cluster.OpenAI.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Cluster.OpenAI.Completions;

/// <summary><c>POST /v1/completions</c>.</summary>
public sealed class CompletionsEndpoint(GenerationExchange exchange, IOptions<OpenAIOptions> options, StructuredOutputOptions structured)
{
    public Task HandleAsync(HttpContext http)
        => exchange.HandleAsync(http, body => new CompletionFormat(CompletionRequestReader.Read(new RequestObject(body, ""), structured.Grammar, options.Value)));
}
