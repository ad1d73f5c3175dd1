using Cluster.OpenAI.Access;
using Cluster.OpenAI.Completions;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Responses;
using Cluster.OpenAI.Schemas;
using Cluster.OpenAI.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.OpenAI;

/// <summary>Everything under <c>/v1</c>.</summary>
public static class OpenAIRoutes
{
    private static readonly TimeSpan PreflightAge = TimeSpan.FromMinutes(10);

    /// <summary>GET, and HEAD for those who only want to know that it is there.</summary>
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Headers of an answer that a page of another site may read besides the usual ones.</summary>
    private static readonly string[] ReadableHeaders =
    [
        "x-request-id", "x-structured-output", "x-should-retry", "retry-after",
        .. new[] { "limit", "remaining", "reset" }.SelectMany(figure => new[] { $"x-ratelimit-{figure}-requests", $"x-ratelimit-{figure}-tokens" }),
    ];

    public static IServiceCollection AddOpenAIEndpoints(this IServiceCollection services) => services
        .AddCors().AddSingleton<KeyMeters>().AddSingleton<UsageLedger>().AddSingleton<StreamMetrics>().AddSingleton<RequestMetrics>()
        .AddSingleton(services => new RequestBook(services.GetService<RequestBookOptions>() ?? new RequestBookOptions())).AddSingleton<GenerationExchange>()
        .AddSingleton<ChatCompletionsEndpoint>().AddSingleton<CompletionsEndpoint>().AddSingleton<ResponseStore>().AddSingleton<ResponsesEndpoint>()
        .AddSingleton<ModelsEndpoint>().AddSingleton<UsageEndpoint>().AddSingleton<TokenEndpoints>().AddSingleton<SchemaCompileEndpoint>();

    public static void MapOpenAIEndpoints(this IEndpointRouteBuilder routes)
    {
        IServiceProvider services = routes.ServiceProvider;
        RouteGroupBuilder api = routes.MapGroup("/v1").WithAccess(EndpointAccess.Key);
        api.MapPost("/chat/completions", (RequestDelegate)services.GetRequiredService<ChatCompletionsEndpoint>().HandleAsync);
        api.MapPost("/completions", (RequestDelegate)services.GetRequiredService<CompletionsEndpoint>().HandleAsync);
        ResponsesEndpoint responses = services.GetRequiredService<ResponsesEndpoint>();
        api.MapPost("/responses", (RequestDelegate)responses.CreateAsync);
        api.MapMethods("/responses/{id}", Reading, (RequestDelegate)responses.GetAsync);
        api.MapDelete("/responses/{id}", (RequestDelegate)responses.DeleteAsync);
        api.MapMethods("/responses/{id}/input_items", Reading, (RequestDelegate)responses.InputItemsAsync);
        api.MapPost("/responses/{id}/cancel", (RequestDelegate)responses.CancelAsync);
        api.MapPost("/schemas/compile", (RequestDelegate)services.GetRequiredService<SchemaCompileEndpoint>().HandleAsync);
        api.MapMethods("/models", Reading, (RequestDelegate)services.GetRequiredService<ModelsEndpoint>().ListAsync);
        api.MapMethods("/models/{**id}", Reading, (RequestDelegate)services.GetRequiredService<ModelsEndpoint>().GetAsync);
        api.MapGet("/usage", (RequestDelegate)services.GetRequiredService<UsageEndpoint>().HandleAsync);
        TokenEndpoints tokens = services.GetRequiredService<TokenEndpoints>();
        routes.MapPost("/tokenize", (RequestDelegate)tokens.TokenizeAsync).WithAccess(EndpointAccess.Key);
        routes.MapPost("/detokenize", (RequestDelegate)tokens.DetokenizeAsync).WithAccess(EndpointAccess.Key);
        routes.MapGet("/version", VersionEndpoint.HandleAsync).WithAccess(EndpointAccess.Key);
    }

    /// <summary>
    /// Around every request: an id on the response, no new work while stopping, and the four-key error body for whatever no endpoint answered.
    /// </summary>
    public static void UseOpenAIErrors(this IApplicationBuilder app) => app.UseMiddleware<OpenAIErrorsMiddleware>();

    /// <summary>Answers browsers that ask whether a page of one of the <see cref="AllowedOrigins"/> may call the API, and lets such pages read what it answers.</summary>
    public static void UseAllowedOrigins(this IApplicationBuilder app)
    {
        var origins = app.ApplicationServices.GetRequiredService<AllowedOrigins>();
        if (origins.IsEmpty) return;
        app.UseWhen(static http => !http.Request.Path.StartsWithSegments("/admin"), api => api.UseCors(policy => policy
            .SetIsOriginAllowed(origins.Allows).AllowAnyMethod().AllowAnyHeader().WithExposedHeaders(ReadableHeaders).SetPreflightMaxAge(PreflightAge)));
    }

    /// <summary>Nobody passes who is not meant to: see <see cref="EndpointAccess"/>.</summary>
    public static void UseAccess(this IApplicationBuilder app) => app.UseMiddleware<AccessMiddleware>();
}
