namespace Cluster.Serving.Tests;

public sealed class FileStampTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-stamp").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    [Fact]
    public void Stamp_ChangesWithTheFile_AndOnlyThen()
    {
        File.WriteAllText(At("a"), "one");
        FileStamp first = FileStamp.Of(At("a"));
        Assert.Equal(first, FileStamp.Of(At("a")));
        File.WriteAllText(At("a"), "three");
        FileStamp second = FileStamp.Of(At("a"));
        Assert.NotEqual(first, second);
        File.WriteAllText(At("b"), "four!");
        File.SetLastWriteTimeUtc(At("b"), File.GetLastWriteTimeUtc(At("a")).AddSeconds(1));
        File.Move(At("b"), At("a"), overwrite: true);
        Assert.NotEqual(second, FileStamp.Of(At("a")));
        File.Delete(At("a"));
        Assert.Equal(default, FileStamp.Of(At("a")));
    }

    /// <summary>As a mounted ConfigMap is laid out: the name leads through a link that is exchanged, and neither name nor link itself is ever written.</summary>
    [Fact]
    public void Stamp_ChangesWhereTheDirectoryBehindALinkIsExchanged()
    {
        foreach ((string version, string text) in new[] { ("1", "one"), ("2", "two") })
        {
            Directory.CreateDirectory(At(version));
            File.WriteAllText(Path.Combine(At(version), "models.json"), text);
            File.SetLastWriteTimeUtc(Path.Combine(At(version), "models.json"), DateTime.UnixEpoch.AddDays(version[0]));
        }
        Directory.CreateSymbolicLink(At("..data"), "1");
        File.CreateSymbolicLink(At("models.json"), Path.Combine("..data", "models.json"));
        FileStamp first = FileStamp.Of(At("models.json"));
        Assert.NotEqual(default, first);
        Directory.Delete(At("..data"));
        Directory.CreateSymbolicLink(At("..data"), "2");
        Assert.Equal("two", File.ReadAllText(At("models.json")));
        Assert.NotEqual(first, FileStamp.Of(At("models.json")));
    }

    [Fact]
    public void Stamp_OfLinksInACircle_IsThatOfNothing()
    {
        File.CreateSymbolicLink(At("a"), "b");
        File.CreateSymbolicLink(At("b"), "a");
        Assert.Equal(default, FileStamp.Of(At("a")));
    }
}
