using System.Xml.Linq;

namespace Cluster.Architecture.Tests;

/// <summary>One request is read from the top of src/ to its bottom: a project references only projects below it.</summary>
public class ProjectArrowTests
{
    /// <summary>Top to bottom.</summary>
    private static readonly string[] Layers =
    [
        "Cluster.Host", "Cluster.Dashboard", "Cluster.OpenAI", "Cluster.Grains", "Cluster.Onnx",
        "Cluster.Serving", "Cluster.Decoding", "Cluster.Grammar", "Cluster.Tokenization",
    ];

    private static readonly string[] Shells = ["Cluster.Grains", "Cluster.Onnx"];

    public static TheoryData<string> Projects => [.. ProjectFiles().Keys.Where(Layers.Contains)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_References_PointDown(string project)
    {
        int layer = Array.IndexOf(Layers, project);
        foreach (string reference in ReferencesOf(ProjectFiles()[project]))
        {
            Assert.Contains(reference, Layers);
            Assert.True(Array.IndexOf(Layers, reference) > layer, $"{project} must not reference {reference}: it is not below it.");
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Shells_AreReferencedByTheHostOnly(string project)
    {
        if (project == "Cluster.Host") return;
        Assert.DoesNotContain(ReferencesOf(ProjectFiles()[project]), reference => Shells.Contains(reference));
    }

    [Theory]
    [InlineData("Cluster.Tokenization")]
    [InlineData("Cluster.Grammar")]
    [InlineData("Cluster.Decoding")]
    [InlineData("Cluster.Serving")]
    public void BottomFour_NameNoOrleansNoOnnxNoAspNet(string project)
    {
        XDocument file = XDocument.Load(ProjectFiles()[project]);
        Assert.Empty(file.Descendants("FrameworkReference"));
        string[] packages = [.. file.Descendants("PackageReference").Select(package => (string)package.Attribute("Include")!)];
        Assert.DoesNotContain(packages, package => package.Contains("Orleans", StringComparison.Ordinal)
            || package.Contains("OnnxRuntime", StringComparison.Ordinal) || package.Contains("AspNetCore", StringComparison.Ordinal));
    }

    [Fact]
    public void Versions_StandInOnePlaceOnly()
    {
        foreach ((string name, string path) in ProjectFiles())
        {
            Assert.DoesNotContain(XDocument.Load(path).Descendants("PackageReference"), package => package.Attribute("Version") is not null && name.Length > 0);
        }
    }

    [Fact]
    public void Solution_HoldsEveryProject()
    {
        string solution = File.ReadAllText(Path.Combine(Repository.Root, "Cluster.sln"));
        string[] missing = [.. ProjectFiles().Values.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.csproj", SearchOption.AllDirectories))
            .Select(path => Path.GetFileName(path)).Where(file => !solution.Contains(file, StringComparison.Ordinal))];
        Assert.Empty(missing);
    }

    private static IEnumerable<string> ReferencesOf(string path) => XDocument.Load(path).Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')));

    private static Dictionary<string, string> ProjectFiles() => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
        .ToDictionary(path => Path.GetFileNameWithoutExtension(path), StringComparer.Ordinal);
}
