using System.Text.Json.Nodes;

namespace Cluster.Chaos;

/// <summary>
/// The comparison at the end of a run, tried without a cluster: every fourth stream has the text of another seed, so that what is done about a
/// difference is done often; all others must be equal, although they were computed in other batches.
/// </summary>
public static class ComparisonCheck
{
    private const long OtherSeed = 1_000_000;

    /// <returns>Exit status: 0 where the comparison tells the altered streams from the others.</returns>
    public static async Task<int> RunAsync(int count, ChaosOptions options)
    {
        string folder = Directory.CreateTempSubdirectory("cluster-chaos-").FullName;
        var model = new HostReplicas(folder, options.Host);
        var undisturbed = new Undisturbed(model, TimeSpan.FromSeconds(options.CompareSeconds));
        var bodies = new ChatBodies(model.ModelId, model.Served.Tokenizer.Vocabulary.EndIds, options.Tokens);
        List<HttpStream> streams = [.. Enumerable.Range(0, count).Select(number => StreamOf(number, 0))];
        List<HttpStream> others = [.. Enumerable.Range(0, count).Select(number => StreamOf(number, IsAltered(number) ? OtherSeed : 0))];
        IReadOnlyList<IReadOnlyList<string>> own = await undisturbed.TextsAsync(streams), given = await undisturbed.TextsAsync(others);
        int altered = 0;
        for (int number = 0; number < count; number++)
        {
            if (!own[number].SequenceEqual(given[number])) altered++;
            for (int choice = 0; choice < given[number].Count; choice++) streams[number].Take(ChunkOf(choice, given[number][choice]));
        }
        Console.WriteLine($"{altered} of {count} streams differ");
        Comparison comparison = await undisturbed.CompareAsync(streams);
        Console.WriteLine(comparison);
        Directory.Delete(folder, recursive: true);
        return comparison.Equal >= count - altered && comparison.Unfinished == 0 ? 0 : 1;

        HttpStream StreamOf(int number, long seedOffset)
        {
            (string body, int? schema) = bodies.Of((ulong)number);
            JsonNode json = JsonNode.Parse(body)!;
            json["seed"] = number + seedOffset;
            return new HttpStream((ulong)number, json.ToJsonString(), schema);
        }
    }

    private static bool IsAltered(int number) => number % 4 == number / 4 % 4;

    private static string ChunkOf(int choice, string text) => new JsonObject
    {
        ["choices"] = new JsonArray(new JsonObject { ["index"] = choice, ["delta"] = new JsonObject { ["content"] = text }, ["finish_reason"] = "stop" }),
    }.ToJsonString();
}
