using System.Text;
using Cluster.OpenAI.Access;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Replies;
using Cluster.OpenAI.Tests.Support;
using Cluster.Serving;
using Cluster.Serving.Generation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.OpenAI.Tests;

public class GenerationExchangeTests
{
    [Fact]
    public async Task Stream_OurOwnBugInTheMiddle_EndsWithAnErrorEvent()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        using var body = new MemoryStream(Encoding.UTF8.GetBytes("""{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}"""));
        using var answer = new MemoryStream();
        var http = new DefaultHttpContext { RequestServices = server.Services };
        http.Features.Set(ApiKey.Anonymous(isAdmin: false));
        http.Request.Body = body;
        http.Response.Body = answer;
        var chat = server.Services.GetRequiredService<ChatCompletionsEndpoint>();
        await server.Services.GetRequiredService<GenerationExchange>().HandleAsync(http, read => new Faulty(chat.Read(read)));
        await http.Response.BodyWriter.FlushAsync(TestContext.Current.CancellationToken);
        string[] events = Encoding.UTF8.GetString(answer.ToArray()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("\"role\":\"assistant\"", events[0], StringComparison.Ordinal);
        Assert.Equal("""data: {"error":{"message":"The server failed on this request.","type":"server_error","param":null,"code":"internal_error"}}""", events[^1]);
        Assert.Equal("internal_error", http.Features.Get<ApiError>()!.Code);
    }

    /// <summary>A format whose stream breaks at its third event.</summary>
    private sealed class Faulty(IRequestFormat inner) : IRequestFormat
    {
        public string Model => inner.Model;

        public bool IsStreamed => true;

        public string SchemaParam => inner.SchemaParam;

        public string PromptParam => inner.PromptParam;

        public string TokensParam => inner.TokensParam;

        public GenerationRequest ToGeneration(string requestId, RequestOwner owner, ServedModel? model) => inner.ToGeneration(requestId, owner, model);

        public IReply CreateReply(ReplyHeader header, PreparedGeneration prepared) => inner.CreateReply(header, prepared);

        public IReplyStream CreateStream(ReplyHeader header, PreparedGeneration prepared) => new FaultyStream(inner.CreateStream(header, prepared));
    }

    private sealed class FaultyStream(IReplyStream inner) : IReplyStream
    {
        private int _sent;

        public ValueTask StartAsync(ServerSentEvents stream, CancellationToken cancellationToken) => inner.StartAsync(stream, cancellationToken);

        public ValueTask SendAsync(ServerSentEvents stream, GenerationEvent generated, CancellationToken cancellationToken)
            => ++_sent < 3 ? inner.SendAsync(stream, generated, cancellationToken) : throw new InvalidOperationException("a bug");

        public ValueTask EndAsync(ServerSentEvents stream, CompletionUsage usage, CancellationToken cancellationToken) => inner.EndAsync(stream, usage, cancellationToken);

        public ValueTask FailAsync(ServerSentEvents stream, ApiError error, CancellationToken cancellationToken) => inner.FailAsync(stream, error, cancellationToken);
    }
}
