using System.Collections.Immutable;
using Cluster.Decoding;
using Cluster.Serving;
using Cluster.Serving.Generation;

namespace Cluster.Grains.Tests;

/// <summary>Requests for <see cref="EngineReplicas"/> and their texts.</summary>
public static class Requests
{
    public static GenerationRequest Of(string modelId, string id, ulong seed, int tokens, int choices = 1) => new()
    {
        RequestId = id, ModelId = modelId, Messages = [new ChatMessage("user", $"Say something about {id}.")], TokensMax = tokens, ChoicesPerPrompt = choices,
        Sampling = new SamplingOptions { Seed = seed, Temperature = 1f },
    };

    /// <summary>The whole text of each choice, and how each ended.</summary>
    public static async Task<ImmutableArray<string>> TextsAsync(RequestPipeline pipeline, GenerationRequest request, Action<GenerationEvent>? observe = null)
    {
        var prepared = await pipeline.PrepareAsync(request, CancellationToken.None);
        Assert.Null(prepared.Rejection);
        string[] texts = new string[request.Choices];
        await foreach (var one in pipeline.RunAsync(prepared.Prepared!, CancellationToken.None))
        {
            observe?.Invoke(one);
            if (one is TextGenerated text) texts[text.Choice] += text.Text;
            if (one is ChoiceEnded ended) texts[ended.Choice] += $"[{ended.End} {ended.Tokens}]";
            if (one is GenerationFailed failed) Assert.Fail($"{failed.Error}");
        }
        return [.. texts];
    }

    /// <summary>The request once it runs: its texts to come, as of <see cref="TextsAsync"/>.</summary>
    public static async Task<Task<ImmutableArray<string>>> BeginAsync(RequestPipeline pipeline, GenerationRequest request)
    {
        var began = new TaskCompletionSource();
        Task<ImmutableArray<string>> running = TextsAsync(pipeline, request, _ => began.TrySetResult());
        await began.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return running;
    }
}
