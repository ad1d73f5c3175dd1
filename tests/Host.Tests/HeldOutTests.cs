using System.Text.Json.Nodes;

namespace Cluster.Host.Tests;

/// <summary>
/// The embedded model's score on prompts it was not trained on: the share of whole objects that are exactly right, greedy, with the schema.
/// The sets are made by src/tools/trainer; each line holds messages, schema and the expected object.
/// </summary>
public class HeldOutTests(HostProcess host) : IClassFixture<HostProcess>
{
    private const int ConcurrentRequests = 32;

    [Theory]
    [InlineData("unseen-values", 0.95)]
    [InlineData("unseen-phrasings", 0.60)]
    [InlineData("unseen-keys", 0.50)]
    public async Task EmbeddedModel_HeldOutSet_ReachesItsBar(string set, double bar)
    {
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "held-out", $"{set}.jsonl"));
        Assert.True(lines.Length >= 500, $"{set} has {lines.Length} prompts");
        using var places = new SemaphoreSlim(ConcurrentRequests);
        bool[] exact = await Task.WhenAll(lines.Select(async line =>
        {
            await places.WaitAsync();
            try
            {
                return await IsExactAsync(JsonNode.Parse(line)!);
            }
            finally
            {
                places.Release();
            }
        }));
        double score = exact.Count(one => one) / (double)exact.Length;
        TestContext.Current.TestOutputHelper!.WriteLine($"{set}: {score:P1} of {exact.Length}");
        Console.WriteLine($"{set}: {score:P1} of {exact.Length} whole objects exact");
        Assert.True(score >= bar, $"{set}: {score:P1} of {exact.Length} whole objects exact; the bar is {bar:P0}");
    }

    private async Task<bool> IsExactAsync(JsonNode prompt)
    {
        var body = new JsonObject { ["model"] = Requests.Model, ["messages"] = prompt["messages"]!.DeepClone(), ["temperature"] = 0 };
        HttpResponseMessage response = await host.Client.PostAsync(body.WithSchema(prompt["schema"]!.ToJsonString()));
        Assert.Equal(200, (int)response.StatusCode);
        return JsonNode.DeepEquals(JsonNode.Parse((await response.JsonAsync()).Content()), prompt["expected"]);
    }
}
