using Cluster.OpenAI.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.OpenAI;

/// <summary>Everything under <c>/v1</c>.</summary>
public static class OpenAIRoutes
{
    public static IServiceCollection AddOpenAIEndpoints(this IServiceCollection services)
        => services.AddSingleton<ChatCompletionsEndpoint>().AddSingleton<ModelsEndpoint>();

    public static void MapOpenAIEndpoints(this IEndpointRouteBuilder routes)
    {
        var chat = routes.ServiceProvider.GetRequiredService<ChatCompletionsEndpoint>();
        var models = routes.ServiceProvider.GetRequiredService<ModelsEndpoint>();
        routes.MapPost("/v1/chat/completions", (RequestDelegate)chat.HandleAsync);
        routes.MapGet("/v1/models", (RequestDelegate)models.ListAsync);
        routes.MapGet("/v1/models/{**id}", (RequestDelegate)models.GetAsync);
    }

    /// <summary>
    /// Around every request: an id on the response, no new work while stopping, and the four-key error body for whatever no endpoint answered.
    /// </summary>
    public static void UseOpenAIErrors(this IApplicationBuilder app) => app.UseMiddleware<OpenAIErrorsMiddleware>();
}
