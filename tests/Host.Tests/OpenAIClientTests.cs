using System.ClientModel;
using System.Text;
using OpenAI;
using OpenAI.Chat;

namespace Cluster.Host.Tests;

/// <summary>The official OpenAI client for .NET, unmodified.</summary>
public class OpenAIClientTests(HostProcess host) : IClassFixture<HostProcess>
{
    private const string JaneDoe = """{"name":"Jane Doe","city":"Berlin","age":34}""";

    private ChatClient Client => new(Requests.Model, new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri($"{host.Address}/v1") });

    private static ChatCompletionOptions Strict => new()
    {
        ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("person", BinaryData.FromString(Requests.PersonSchema), jsonSchemaIsStrict: true),
    };

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
    public async Task CompleteChat_UnknownModel_Is404()
    {
        var client = new ChatClient("no-such-model", new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri($"{host.Address}/v1") });
        ClientResultException exception = await Assert.ThrowsAsync<ClientResultException>(async () => await client.CompleteChatAsync([new UserChatMessage("hello")]));
        Assert.Equal(404, exception.Status);
    }
}
