namespace Cluster.Architecture.Tests;

internal static class Repository
{
    /// <summary>The folder that holds Cluster.sln.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Cluster.sln"))) return folder.FullName;
        }
        throw new DirectoryNotFoundException("Cluster.sln is not above the test program.");
    }
}
