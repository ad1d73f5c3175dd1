using System.ComponentModel.DataAnnotations;
using Cluster.OpenAI.Access;

namespace Cluster.OpenAI.Tests.Access;

public class ApiKeyRingTests
{
    private static ApiKeyConfig Config(string id, string key) => new() { Id = id, Hash = ApiKey.HashOf(key) };

    [Fact]
    public void Find_EachKey_IsItsOwnAndNothingElse()
    {
        var ring = new ApiKeyRing([Config("a", "first"), Config("b", "second")]);
        Assert.Equal("a", ring.Find("first")?.Id);
        Assert.Equal("b", ring.Find("second")?.Id);
        Assert.Null(ring.Find("third"));
        Assert.Null(ring.Find(""));
        Assert.Null(ring.Find(ApiKey.HashOf("first")));
        Assert.Null(ring.Find(new string('x', 100_000)));
        Assert.Null(ring.Find("\ud800"));
    }

    [Fact]
    public void Create_MakesKeysThatTheirHashFinds()
    {
        string key = ApiKey.Create();
        Assert.StartsWith(ApiKey.Prefix, key, StringComparison.Ordinal);
        Assert.NotEqual(key, ApiKey.Create());
        Assert.Equal("new", new ApiKeyRing([Config("new", key)]).Find(key)?.Id);
    }

    [Fact]
    public void Read_FaultyKeys_AreAllReportedAndNothingChanges()
    {
        var ring = new ApiKeyRing([Config("a", "first")]);
        ApiKeyConfig[] faulty = [new() { Id = "a b", Hash = "md5:00" }, Config("c", "x"), Config("c", "y"), Config("d", "x")];
        string message = Assert.Throws<ValidationException>(() => ring.Replace(faulty, 100)).Message;
        foreach (string part in new[] { "'a b'", "Hash", "two keys have the id 'c'", "two ids have the same key" }) Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Equal("a", ring.Find("first")?.Id);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public void Read_KeysMax_IsABound(int keysMax, bool isAccepted)
    {
        ApiKeyConfig[] keys = [Config("a", "x"), Config("b", "y")];
        if (isAccepted) Assert.Equal(2, new ApiKeyRing(keys, keysMax).Keys.Length);
        else Assert.Throws<ValidationException>(() => new ApiKeyRing(keys, keysMax));
    }

    [Fact]
    public void MayUse_ListedModels_AreTheOnlyOnes()
    {
        ApiKey key = ApiKey.From(new ApiKeyConfig { Id = "a", Hash = ApiKey.HashOf("x"), Models = ["m"] });
        Assert.True(key.MayUse("m"));
        Assert.False(key.MayUse("n"));
        Assert.True(ApiKey.From(Config("b", "y")).MayUse("anything"));
    }
}
