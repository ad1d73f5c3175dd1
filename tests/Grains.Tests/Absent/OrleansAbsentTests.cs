using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Cluster.Grains.Tests.Absent;

/// <summary>Built only where the Orleans packages cannot be restored: each test that could not be built is reported as skipped.</summary>
public sealed partial class OrleansAbsentTests
{
    public static TheoryData<string> NotBuilt() => [.. NamesIn(ThisFolder())];

    [Theory, MemberData(nameof(NotBuilt))]
    public void ClusterTest_WithoutOrleans_IsSkipped(string name)
        => Assert.Skip($"{name}: the package sources of this machine lack Microsoft.Orleans, so the cluster is not built");

    private static IEnumerable<string> NamesIn(string folder)
        => Directory.EnumerateFiles(Path.GetDirectoryName(folder)!, "*Tests.cs", SearchOption.AllDirectories)
            .Where(file => !file.StartsWith(folder, StringComparison.Ordinal))
            .SelectMany(file => TestName().Matches(File.ReadAllText(file))
                .Select(match => $"{Path.GetFileNameWithoutExtension(file)}.{match.Groups[1].Value}"));

    private static string ThisFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex(@"\[(?:Fact|Theory)[^\n]*\]\s+(?:\[[^\n]*\]\s+)*public (?:async )?(?:Task|void) (\w+)")]
    private static partial Regex TestName();
}
