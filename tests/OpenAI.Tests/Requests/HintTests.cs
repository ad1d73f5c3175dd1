using System.Text.Json;
using Cluster.OpenAI.Tests.Support;

namespace Cluster.OpenAI.Tests.Requests;

/// <summary>Fields that change where and how fast a request runs, never what comes out: <c>prompt_cache_key</c> and <c>prediction</c>.</summary>
public class HintTests
{
    private const string Chat = "/v1/chat/completions";

    [Theory]
    [InlineData(Chat, """ "messages":[{"role":"user","content":"x"}] """)]
    [InlineData("/v1/responses", """ "input":"x" """)]
    [InlineData("/v1/completions", """ "prompt":"x" """)]
    public async Task CacheKey_SendsItsRequestsToOneReplica(string path, string prompt)
    {
        await using EdgeServer server = await EdgeServer.StartAsync(replicas: 4);
        for (int n = 0; n < 24; n++) await server.PostJsonAsync(path, $$"""{"model":"m",{{prompt}},"prompt_cache_key":"{{new string('k', 1024)}}"}""");
        Assert.Single(server.Replicas, replica => replica.Prompts.Count > 0);
        for (int n = 0; n < 24; n++) await server.PostJsonAsync(path, $$"""{"model":"m",{{prompt}}}""");
        Assert.True(server.Replicas.Count(replica => replica.Prompts.Count > 0) > 1, "without a key, and with less than a block of prompt, requests spread");
    }

    [Fact]
    public async Task Prediction_RightOrWrong_GivesTheSameAnswer_AndIsCounted()
    {
        await using EdgeServer server = await EdgeServer.StartAsync(isRandom: true);
        async Task<(string Text, int Accepted, int Rejected)> AskAsync(string more)
        {
            JsonElement reply = await server.PostJsonAsync(Chat, $$"""{"model":"m","temperature":0,"max_tokens":80,"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}{{more}}}""");
            JsonElement details = reply.GetProperty("usage").GetProperty("completion_tokens_details");
            return (reply.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!,
                details.GetProperty("accepted_prediction_tokens").GetInt32(), details.GetProperty("rejected_prediction_tokens").GetInt32());
        }
        (string text, int accepted, int rejected) = await AskAsync("");
        Assert.Equal((0, 0), (accepted, rejected));
        string escaped = JsonSerializer.Serialize(text);
        (string again, accepted, _) = await AskAsync($",\"prediction\":{{\"type\":\"content\",\"content\":{escaped}}}");
        Assert.Equal(text, again);
        Assert.InRange(accepted, 1, 80);
        (again, accepted, _) = await AskAsync($",\"prediction\":{{\"type\":\"content\",\"content\":[{{\"type\":\"text\",\"text\":{escaped}}}]}}");
        Assert.Equal(text, again);
        Assert.InRange(accepted, 1, 80);
        (again, accepted, _) = await AskAsync(""","prediction":{"type":"content","content":"nothing like it"}""");
        Assert.Equal((text, 0), (again, accepted));
    }
}
