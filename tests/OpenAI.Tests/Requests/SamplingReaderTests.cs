using System.Text.Json;
using Cluster.Decoding;
using Cluster.OpenAI.Requests;

namespace Cluster.OpenAI.Tests.Requests;

public class SamplingReaderTests
{
    private static readonly SamplingOptions Defaults = new() { StopTokens = [9], TopK = 3 };

    [Fact]
    public void Fields_GoToTheOptions()
    {
        SamplingOptions read = Read("""{"stop_token_ids":[5,7],"min_tokens":4,"logprobs_mode":"raw_logprobs","logit_bias":{"8":-2.5},"seed":11}""");
        Assert.Equal([5, 7], read.StopTokens);
        Assert.Equal((4, true, 11UL, 3), (read.TokensMin, read.RawLogprobs, read.Seed, read.TopK));
        Assert.Equal([new KeyValuePair<int, float>(8, -2.5f)], read.LogitBias);
    }

    [Fact]
    public void Nothing_LeavesTheDefaults()
    {
        SamplingOptions read = Read("{}");
        Assert.Equal([9], read.StopTokens);
        Assert.Equal((0, false, 3), (read.TokensMin, read.RawLogprobs, read.TopK));
    }

    private static SamplingOptions Read(string body)
        => SamplingReader.Read(new RequestObject(JsonElement.Parse(body), ""), new OpenAIOptions()).Over(Defaults, topLogprobs: null);
}
