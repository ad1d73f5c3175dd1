namespace Cluster.Tokenization.Tests;

/// <summary>Large vocabularies that are not part of the repository: ../shared beside it, or the folder that CLUSTER_SHARED names.</summary>
internal static class SharedData
{
    private static readonly string? Root = Find();

    /// <summary>Path of a file under shared/; the running test is skipped where it does not exist.</summary>
    public static string Require(string relative)
    {
        string? path = Root is null ? null : Path.Combine(Root, relative);
        if (path is null || !File.Exists(path)) Assert.Skip($"shared/{relative} is not here; set CLUSTER_SHARED to the folder that holds it");
        return path!;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("CLUSTER_SHARED") is { Length: > 0 } named) return named;
        return Repository.Root is { } root ? new[] { "../shared", "../../shared" }.Select(relative => Path.GetFullPath(relative, root)).FirstOrDefault(Directory.Exists) : null;
    }
}

internal static class Repository
{
    /// <summary>The folder with the solution.</summary>
    public static string? Root { get; } = FindRoot();

    private static string? FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Cluster.sln"))) return folder;
        }
        return null;
    }
}
