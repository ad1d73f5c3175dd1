using Cluster.Serving.Routing;

namespace Cluster.Serving.Tests.Routing;

public class PrefixAffinityTests
{
    private static int[] Prompt(int tokens, int from = 0) => [.. Enumerable.Range(from, tokens)];

    private static PrefixAffinity New(int blocksMax = 1000) => new(new AffinityOptions { BlockTokens = 4, BlocksMax = blocksMax, TokensPerSharedToken = 2 });

    [Theory]
    [InlineData(3, null, 0)]
    [InlineData(4, "a", 8)]
    [InlineData(11, "a", 16)]
    [InlineData(12, "a", 24)]
    [InlineData(40, "a", 24)]
    public void Find_CommonBeginning_CountsWholeBlocks(int common, string? expected, double worth)
    {
        var affinity = New();
        affinity.Remember("m", null, Prompt(12), "a", isAffine: false);
        Assert.Equal((expected, worth), affinity.Find("m", null, [.. Prompt(Math.Min(common, 12)), .. Prompt(20, from: 500)]));
    }

    [Fact]
    public void Find_LongerBeginningElsewhere_IsPreferred()
    {
        var affinity = New();
        affinity.Remember("m", null, Prompt(20), "long", isAffine: false);
        affinity.Remember("m", null, Prompt(8), "short", isAffine: false);
        Assert.Equal("long", affinity.Find("m", null, Prompt(20)).ReplicaId);
        Assert.Equal("short", affinity.Find("m", null, Prompt(8)).ReplicaId);
    }

    [Fact]
    public void Find_OtherModelOrKey_KnowsNothing()
    {
        var affinity = New();
        affinity.Remember("m", "k", Prompt(8), "a", isAffine: false);
        Assert.Null(affinity.Find("n", "k", Prompt(8)).ReplicaId);
        Assert.Null(affinity.Find("m", null, Prompt(8)).ReplicaId);
        Assert.Null(affinity.Find("m", "other", Prompt(8)).ReplicaId);
        Assert.Equal(("a", 2), affinity.Find("m", "k", Prompt(8, from: 900))); // The key alone: a tie-break.
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public void Remember_AtTheBoundAndOnePast_ForgetsTheOldest(int prompts, bool isKnown)
    {
        // One block each; half of the bound is young, half old.
        var affinity = New(blocksMax: 8);
        for (int n = 0; n < prompts; n++) affinity.Remember("m", null, Prompt(4, from: n * 100), "a", isAffine: false);
        Assert.InRange(affinity.Blocks, 1, 8);
        Assert.Equal(isKnown, affinity.Find("m", null, Prompt(4)).ReplicaId is not null);
    }
}
