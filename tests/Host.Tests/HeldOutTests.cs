using System.Text.Json.Nodes;

namespace Cluster.Host.Tests;

/// <summary>
/// The embedded model's score on prompts it was not trained on: the share of whole objects that are exactly right, greedy, with the schema.
/// The sets are made by src/tools/trainer; each line holds messages, schema and the expected object.
/// </summary>
public class HeldOutTests(HostProcess host) : IClassFixture<HostProcess>
{
    private const int ConcurrentRequests = 32;

    /// <summary>Set, share that must not be lost again, share that is aimed at: tests/Evaluation/scores.json.</summary>
    public static TheoryData<string, double, double> Sets()
    {
        var data = new TheoryData<string, double, double>();
        foreach ((string set, JsonNode? score) in JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "held-out", "scores.json")))!.AsObject())
        {
            data.Add(set, (double)score!["floor"]!, (double)score["aim"]!);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task EmbeddedModel_HeldOutSet_KeepsItsScore(string set, double floor, double aim)
    {
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "held-out", $"{set}.jsonl"));
        Assert.True(lines.Length >= 100, $"{set} has {lines.Length} prompts");
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
        Console.WriteLine($"held-out set {set}: {score:P1} of {exact.Length} whole objects exact (floor {floor:P1}, aim {aim:P0})");
        Assert.True(score >= floor, $"{set}: {score:P1} of {exact.Length} whole objects exact; it was {floor:P1} before");
    }

    private async Task<bool> IsExactAsync(JsonNode prompt)
    {
        var body = new JsonObject { ["model"] = Requests.Model, ["messages"] = prompt["messages"]!.DeepClone(), ["temperature"] = 0 };
        HttpResponseMessage response = await host.Client.PostAsync(body.WithSchema(prompt["schema"]!.ToJsonString()));
        Assert.Equal(200, (int)response.StatusCode);
        return JsonNode.DeepEquals(JsonNode.Parse((await response.JsonAsync()).Content()), prompt["expected"]);
    }
}
