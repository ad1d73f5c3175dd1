namespace Cluster.Grammar.Tests.Support;

/// <summary>
/// Data that is used in place and never copied: the folder named by CLUSTER_SHARED, or <c>shared</c> beside the repository.
/// </summary>
internal static class SharedData
{
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>Path of a file or folder under shared/data; skips the running test where it is not there.</summary>
    public static string PathOrSkip(params string[] parts)
    {
        string root = Environment.GetEnvironmentVariable("CLUSTER_SHARED") ?? Path.Combine(RepositoryRoot, "..", "shared");
        string path = Path.Combine([root, "data", .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"{path} is not there; set CLUSTER_SHARED to the folder that holds data/{string.Join('/', parts)}.");
        return path;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Cluster.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("No Cluster.sln above the test binaries.");
    }
}
