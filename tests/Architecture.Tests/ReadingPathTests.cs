using System.Text.RegularExpressions;

namespace Cluster.Architecture.Tests;

/// <summary>The README may only point at what exists.</summary>
public partial class ReadingPathTests
{
    private const int LinesMax = 400;

    [Fact]
    public void Readme_Links_Resolve()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        string[] targets = [.. LocalLink().Matches(readme).Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(targets);
        Assert.DoesNotContain(targets, target => !Path.Exists(Path.Combine(Repository.Root, target)));
    }

    [Fact]
    public void SourceFiles_StayReadable()
    {
        string[] tooLong = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .Where(path => File.ReadLines(path).Count() > LinesMax)
            .Select(path => Path.GetRelativePath(Repository.Root, path))];
        Assert.Empty(tooLong);
    }

    [GeneratedRegex(@"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex LocalLink();
}
