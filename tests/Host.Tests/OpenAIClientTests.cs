using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using Cluster.Host.Http;
using Cluster.OpenAI.Access;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Responses;

#pragma warning disable OPENAI001 // responses are marked as subject to change in the client

namespace Cluster.Host.Tests;

/// <summary>A server over HTTPS with one key, and what the official client needs to talk to it.</summary>
public sealed class SecureHost : IAsyncLifetime
{
    private const string Key = "sk-cluster-nuget";

    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-tls-").FullName;
    private readonly HttpClient _http = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate!.Subject == "CN=localhost" });

    public HostProcess Host { get; } = new();

    public ApiKeyCredential Credential { get; } = new(Key);

    public OpenAIClientOptions Options => new() { Endpoint = new Uri($"{Host.Address}/v1"), Transport = new HttpClientPipelineTransport(_http) };

    public ResponsesClientOptions ResponsesOptions => new() { Endpoint = new Uri($"{Host.Address}/v1"), Transport = new HttpClientPipelineTransport(_http) };

    public async ValueTask InitializeAsync()
    {
        CertificateCommand.Run([_folder]);
        await Host.StartAsync(new Dictionary<string, string>
        {
            ["Access__Keys__0__Id"] = "nuget",
            ["Access__Keys__0__Hash"] = ApiKey.HashOf(Key),
            ["Door__CertificateFile"] = Path.Combine(_folder, "tls.crt"),
            ["Door__CertificateKeyFile"] = Path.Combine(_folder, "tls.key"),
        }, "https://127.0.0.1:0");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>The official OpenAI client for .NET, unmodified, over HTTPS.</summary>
public class OpenAIClientTests(SecureHost host) : IClassFixture<SecureHost>
{
    private const string JaneDoe = """{"name":"Jane Doe","city":"Berlin","age":34}""";

    private ChatClient Client => new(Requests.Model, host.Credential, host.Options);

    private ResponsesClient Responses => new(host.Credential, host.ResponsesOptions);

    private static ChatCompletionOptions Strict => new()
    {
        ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("person", BinaryData.FromString(Requests.PersonSchema), jsonSchemaIsStrict: true),
    };

    private static CreateResponseOptions Ask(string text) => new(Requests.Model, [ResponseItem.CreateUserMessageItem(text)]);

    [Fact]
    public async Task CompleteChat_StrictSchema_GivesTheDocument()
    {
        ChatCompletion completion = await Client.CompleteChatAsync([new UserChatMessage(Requests.JaneDoe)], Strict);
        Assert.Equal(JaneDoe, completion.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, completion.FinishReason);
        Assert.True(completion.Usage.OutputTokenCount > 0);
    }

    [Fact]
    public async Task CompleteChatStreaming_StrictSchema_AddsUpToTheDocument()
    {
        var text = new StringBuilder();
        ChatFinishReason? finish = null;
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in Client.CompleteChatStreamingAsync([new UserChatMessage(Requests.JaneDoe)], Strict))
        {
            foreach (ChatMessageContentPart part in update.ContentUpdate) text.Append(part.Text);
            finish = update.FinishReason ?? finish;
            usage = update.Usage ?? usage;
        }
        Assert.Equal(JaneDoe, text.ToString());
        Assert.Equal(ChatFinishReason.Stop, finish);
        Assert.True(usage!.OutputTokenCount > 0);
    }

    [Fact]
    public async Task CompleteChat_UnknownModelOrWrongKey_IsItsStatus()
    {
        ClientResultException exception = await Assert.ThrowsAsync<ClientResultException>(
            async () => await new ChatClient("no-such-model", host.Credential, host.Options).CompleteChatAsync([new UserChatMessage("hello")]));
        Assert.Equal(404, exception.Status);
        exception = await Assert.ThrowsAsync<ClientResultException>(
            async () => await new ChatClient(Requests.Model, new ApiKeyCredential("wrong"), host.Options).CompleteChatAsync([new UserChatMessage("hello")]));
        Assert.Equal(401, exception.Status);
    }

    [Fact]
    public async Task CompleteChat_WithATool_CallsItAndTakesTheResult()
    {
        ChatTool save = ChatTool.CreateFunctionTool("save_person", "Saves a person.", BinaryData.FromString(Requests.PersonSchema), functionSchemaIsStrict: true);
        var options = new ChatCompletionOptions { Tools = { save }, ToolChoice = ChatToolChoice.CreateFunctionChoice("save_person") };
        ChatCompletion completion = await Client.CompleteChatAsync([new UserChatMessage(Requests.JaneDoe)], options);
        Assert.Equal(ChatFinishReason.ToolCalls, completion.FinishReason);
        Assert.Equal(JaneDoe, completion.ToolCalls[0].FunctionArguments.ToString());
        options = new ChatCompletionOptions { Tools = { save }, ToolChoice = ChatToolChoice.CreateNoneChoice(), MaxOutputTokenCount = 20 };
        completion = await Client.CompleteChatAsync([new UserChatMessage(Requests.JaneDoe), new AssistantChatMessage(completion), new ToolChatMessage(completion.ToolCalls[0].Id, "saved")], options);
        Assert.NotNull(completion.Content);
    }

    [Fact]
    public async Task CreateResponse_StrictFormat_GivesTheDocument()
    {
        CreateResponseOptions options = Ask(Requests.JaneDoe);
        options.Instructions = "Fill in the fields.";
        options.TextOptions = new ResponseTextOptions { TextFormat = ResponseTextFormat.CreateJsonSchemaFormat("person", BinaryData.FromString(Requests.PersonSchema), jsonSchemaIsStrict: true) };
        ResponseResult response = await Responses.CreateResponseAsync(options);
        Assert.Equal(ResponseStatus.Completed, response.Status);
        Assert.Equal(["age", "city", "name"], JsonSerializer.Deserialize<JsonElement>(response.GetOutputText()).EnumerateObject().Select(member => member.Name).Order());
        Assert.True(response.Usage.TotalTokenCount > 0);
        Assert.Equal(response.Id, (await Responses.GetResponseAsync(response.Id)).Value.Id);
    }

    [Fact]
    public async Task CreateResponseStreaming_WithATool_AddsUp()
    {
        CreateResponseOptions options = Ask(Requests.JaneDoe);
        options.StreamingEnabled = true;
        options.Tools.Add(ResponseTool.CreateFunctionTool("save_person", BinaryData.FromString(Requests.PersonSchema), strictModeEnabled: true));
        options.ToolChoice = ResponseToolChoice.CreateFunctionChoice("save_person");
        var arguments = new StringBuilder();
        ResponseResult? whole = null;
        await foreach (StreamingResponseUpdate update in await Responses.CreateResponseStreamingAsync(options))
        {
            if (update is StreamingResponseFunctionCallArgumentsDeltaUpdate delta) arguments.Append(delta.Delta);
            if (update is StreamingResponseCompletedUpdate completed) whole = completed.Response;
        }
        Assert.Equal(JaneDoe, arguments.ToString());
        Assert.Equal(JaneDoe, Assert.IsType<FunctionCallResponseItem>(whole!.OutputItems[0]).FunctionArguments.ToString());
    }
}
