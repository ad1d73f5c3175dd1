using Cluster.Decoding.Sampling;
using Cluster.Decoding.Tests.Support;
using Cluster.Grammar.Masks;

namespace Cluster.Decoding.Tests;

public class SamplerTests
{
    private const int VocabularySize = 3000;
    private static readonly SamplingOptions Greedy = new() { Temperature = 0 };

    public static TheoryData<float, float, int, float> Filters => new()
    {
        { 1f, 1f, 0, 0f }, { 0.7f, 1f, 0, 0f }, { 1f, 0.9f, 0, 0f }, { 1f, 0.3f, 0, 0f }, { 1f, 1f, 5, 0f }, { 1.5f, 0.8f, 20, 0f },
            { 1f, 1f, 0, 0.2f },
        { 1f, 0.95f, 0, 0.05f }, { 1f, 1f, 1, 0f }, { 1f, 0f, 0, 0f }, { 2f, 0.5f, 1500, 0f },
    };

    [Fact]
    public void Greedy_AmongEquals_TakesTheLowestId()
    {
        float[] logits = new float[VocabularySize];
        logits[2000] = logits[1234] = logits[1235] = 5f;
        Assert.Equal(1234, Sample(logits, Greedy));
        Assert.Equal(1235, Sample(logits, Greedy, Bits([1235, 2000, .. Enumerable.Range(2100, 800)])));
        Assert.Equal(2000, Sample(logits, Greedy, TokenMask.FromIds([3, 2000])));
    }

    [Fact]
    public void Greedy_WithAnyFormOfMask_TakesTheBestAllowed()
    {
        float[] logits = Noise(1);
        foreach (int size in (int[])[1, 2, 10, 200, 400, 1500, 2999])
        {
            int[] allowed = [.. Enumerable.Range(0, VocabularySize).OrderBy(id => Uniform.Of(3, size, id)).Take(size).Order()];
            int best = allowed.MaxBy(id => logits[id]);
            Assert.Equal(best, Sample(logits, Greedy, TokenMask.FromIds(allowed)));
            Assert.Equal(best, Sample(logits, Greedy, Bits(allowed)));
        }
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public void Draw_UnderFilters_HasTheExactDistribution(float temperature, float topP, int topK, float minP)
    {
        float[] logits = Noise(2);
        var options = new SamplingOptions { Temperature = temperature, TopP = topP, TopK = topK, MinP = minP, Seed = 5 };
        int[] allowed = [.. Enumerable.Range(0, VocabularySize).Where(id => id % 3 != 0)];
        double[] expected = Expected(logits, allowed, options);
        var sampler = new Sampler(VocabularySize);
        const int Draws = 6_000;
        int[] counts = new int[VocabularySize];
        TokenMask mask = Bits(allowed);
        for (int position = 0; position < Draws; position++)
        {
            counts[sampler.Sample(logits, new SamplingRequest { Options = options, Mask = mask, Position = position }).Token]++;
        }
        for (int id = 0; id < VocabularySize; id++)
        {
            Assert.False(expected[id] == 0 && counts[id] > 0, $"token {id} lies outside");
            double deviation = Math.Sqrt(expected[id] * (1 - expected[id]) * Draws);
            Assert.InRange(counts[id], expected[id] * Draws - 6 * deviation - 3, expected[id] * Draws + 6 * deviation + 3);
        }
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public void Draw_UnderFilters_IsTheFirstToArriveOfThoseTheyLeave(float temperature, float topP, int topK, float minP)
    {
        float[] logits = Noise(2);
        var options = new SamplingOptions { Temperature = temperature, TopP = topP, TopK = topK, MinP = minP, Seed = 6 };
        int[] all = [.. Enumerable.Range(0, VocabularySize)];
        double[] expected = Expected(logits, all, options);
        int[] left = [.. all.Where(id => expected[id] > 0)];
        var sampler = new Sampler(VocabularySize);
        for (int position = 0; position < 500; position++)
        {
            var noise = new TokenNoise(options.Seed, 0, position);
            int token = sampler.Sample(logits, new SamplingRequest { Options = options, Position = position }).Token;
            Assert.Equal(left.MinBy(id => noise.Of(id) / expected[id]), token);
        }
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(0.95f)]
    public void Draw_LogitsThatDifferInTheirLastBits_GivesTheSameTokenUnlessTwoArriveTogether(float topP)
    {
        const float Rounding = 1e-5f;
        var sampler = new Sampler(VocabularySize);
        var options = new SamplingOptions { Temperature = 1, TopP = topP, Seed = 8 };
        float[] logits = Noise(3), rounded = new float[VocabularySize];
        int differing = 0;
        for (int position = 0; position < 4_000; position++)
        {
            for (int id = 0; id < VocabularySize; id++) rounded[id] = logits[id] + (Rounding * (float)((2 * Uniform.Of(9, position % 20, id)) - 1));
            var request = new SamplingRequest { Options = options, Position = position };
            if (sampler.Sample(logits, request).Token != sampler.Sample(rounded, request).Token) differing++;
        }

        // Two of these many tokens arrive within the rounding of each other about once in 100,000 draws.
        Assert.InRange(differing, 0, 1);
    }

    [Fact]
    public void Draw_WithListOrBits_GivesTheSameToken()
    {
        float[] logits = Noise(4);
        int[] allowed = [.. Enumerable.Range(100, 50)];
        for (int seed = 0; seed < 50; seed++)
        {
            var options = new SamplingOptions { Seed = (ulong)seed, TopP = 0.9f };
            Assert.Equal(Sample(logits, options, TokenMask.FromIds(allowed)), Sample(logits, options, Bits(allowed)));
        }
    }

    [Fact]
    public void Bias_IsAddedBeforeTheMask()
    {
        float[] logits = new float[VocabularySize];
        var options = Greedy with { LogitBias = [new(7, 50f), new(9, 20f)] };
        Assert.Equal(7, Sample(logits, options));
        Assert.Equal(9, Sample(logits, options, TokenMask.FromIds([8, 9, 10])));
        Assert.Equal(1, Sample(logits, Greedy with { LogitBias = [new(0, -100f)] }));
    }

    [Fact]
    public void Penalties_LowerWhatWasSeen()
    {
        float[] logits = new float[VocabularySize];
        (logits[1], logits[2], logits[3]) = (3f, 2.5f, 2f);
        var history = new TokenHistory();
        history.AddPrompt([1]);
        history.AddEmitted(2);
        history.AddEmitted(2);
        Assert.Equal(1, Sample(logits, Greedy with { PresencePenalty = 2f, FrequencyPenalty = 1f }, history: history));
        Assert.Equal(3, Sample(logits, Greedy with { RepetitionPenalty = 2f }, history: history));
        logits[1] = 0f;
        Assert.Equal(3, Sample(logits, Greedy with { FrequencyPenalty = 0.3f }, history: history));
        Assert.Equal(2, Sample(logits, Greedy with { FrequencyPenalty = 0.2f }, history: history));
    }

    [Fact]
    public void Excluded_AreNotChosen_UnlessNothingElseIsAllowed()
    {
        float[] logits = new float[VocabularySize];
        logits[5] = 9f;
        logits[6] = 8f;
        var sampler = new Sampler(VocabularySize);
        Assert.Equal(6, sampler.Sample(logits, new SamplingRequest { Options = Greedy, Excluded = [5] }).Token);
        var only = new SamplingRequest { Options = Greedy, Excluded = [5], Mask = TokenMask.FromIds([5]) };
        Assert.Equal(5, sampler.Sample(logits, only).Token);
    }

    [Fact]
    public void Logprobs_AreOfTheMaskedDistribution_OrTheRawOne()
    {
        float[] logits = new float[VocabularySize];
        (logits[1], logits[2], logits[3]) = (3f, 2f, 1f);
        var sampler = new Sampler(VocabularySize);
        var request = new SamplingRequest { Options = Greedy with { TopLogprobs = 5 }, Mask = TokenMask.FromIds([2, 3]) };
        TokenLogprob masked = sampler.Sample(logits, request).Logprob!;
        Assert.Equal(2, masked.Token);
        Assert.Equal(-Math.Log(1 + Math.Exp(-1)), masked.Logprob, 5);
        Assert.Equal([2, 3], masked.Top.Select(top => top.Key));

        var rawRequest = new SamplingRequest { Options = Greedy with { TopLogprobs = 2, RawLogprobs = true },
            Mask = TokenMask.FromIds([2, 3]) };
        TokenLogprob raw = sampler.Sample(logits, rawRequest).Logprob!;
        Assert.Equal(2 - Math.Log(Math.Exp(3) + Math.Exp(2) + Math.Exp(1) + VocabularySize - 3), raw.Logprob, 4);
        Assert.Equal([1, 2], raw.Top.Select(top => top.Key));
    }

    [Fact]
    public void Logprobs_NeverGoBelowTheFloor()
    {
        float[] logits = new float[VocabularySize];
        logits[0] = -1e9f;
        var request = new SamplingRequest { Options = Greedy with { TopLogprobs = 20 }, Mask = TokenMask.FromIds([0, 1]) };
        Assert.Equal([0f, Logprobs.Floor], new Sampler(VocabularySize).Sample(logits, request).Logprob!.Top.Select(top => top.Value));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Logits_ThatAreNotNumbers_GiveNoToken(float broken)
    {
        float[] logits = Noise(1);
        logits[1700] = broken;
        Assert.Equal(-1, Sample(logits, Greedy));
        Assert.Equal(-1, Sample(logits, new SamplingOptions()));
        Assert.Equal(-1, Sample(logits, Greedy, Bits([.. Enumerable.Range(1000, 1000)])));
    }

    [Fact]
    public void Logits_OfMinusInfinity_AreNeverChosen_AndAloneGiveNoToken()
    {
        float[] logits = Enumerable.Repeat(float.NegativeInfinity, VocabularySize).ToArray();
        Assert.Equal(-1, Sample(logits, Greedy));
        logits[8] = -3f;
        for (int seed = 0; seed < 20; seed++) Assert.Equal(8, Sample(logits, new SamplingOptions { Seed = (ulong)seed }));
    }

    [Theory]
    [InlineData(0f, 1f, 0)]
    [InlineData(1f, 1f, 0)]
    [InlineData(1f, 0.9f, 0)]
    [InlineData(1f, 0.9f, 40)]
    public void Sample_Warm_AllocatesNothing(float temperature, float topP, int topK)
    {
        float[] logits = Noise(3);
        var options = new SamplingOptions { Temperature = temperature, TopP = topP, TopK = topK };
        var sampler = new Sampler(VocabularySize);
        TokenMask list = TokenMask.FromIds([.. Enumerable.Range(0, 20)]), bits = Bits([.. Enumerable.Range(0, 2000)]);
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int position = 0; position < 100; position++)
            {
                sampler.Sample(logits, new SamplingRequest { Options = options, Position = position });
                sampler.Sample(logits, new SamplingRequest { Options = options, Position = position, Mask = list });
                sampler.Sample(logits, new SamplingRequest { Options = options, Position = position, Mask = bits });
            }
            if (round == 1) Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static int Sample(float[] logits, SamplingOptions options, TokenMask? mask = null, TokenHistory? history = null)
        => new Sampler(VocabularySize).Sample(logits, new SamplingRequest { Options = options, Mask = mask, History = history }).Token;

    private static float[] Noise(int choice)
        => [.. Enumerable.Range(0, VocabularySize).Select(id => (float)Math.Log(1e-9 + Math.Pow(Uniform.Of(1, choice, id), 8)))];

    private static TokenMask Bits(int[] ids)
    {
        ulong[] bits = new ulong[(VocabularySize + 63) / 64];
        foreach (int id in ids) bits[id >> 6] |= 1UL << (id & 63);
        return TokenMask.FromBits(bits);
    }

    /// <summary>The slow way: sort everything, cut, normalise.</summary>
    private static double[] Expected(float[] logits, int[] allowed, SamplingOptions options)
    {
        double largest = allowed.Max(id => logits[id]);
        var ranked = allowed.Select(id => (Id: id, Weight: Math.Exp((logits[id] - largest) / options.Temperature)))
            .Where(one => one.Weight >= options.MinP).OrderByDescending(one => one.Weight).ThenBy(one => one.Id).ToList();
        if (options.TopK > 0) ranked = [.. ranked.Take(options.TopK)];
        double total = ranked.Sum(one => one.Weight), mass = 0;
        int kept = 0;
        while (kept < ranked.Count && (kept == 0 || mass < options.TopP * total)) mass += ranked[kept++].Weight;
        double[] expected = new double[VocabularySize];
        foreach (var (id, weight) in ranked.Take(kept)) expected[id] = weight / mass;
        return expected;
    }
}
