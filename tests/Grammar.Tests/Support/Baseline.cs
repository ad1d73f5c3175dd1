namespace Cluster.Grammar.Tests.Support;

/// <summary>
/// A ratchet: the committed list of what is known to be wrong. Anything new on it fails, and so does anything that is right by now,
/// until its line is taken out.
/// </summary>
internal static class Baseline
{
    public static IReadOnlySet<string> Read(string name)
        => File.ReadAllLines(PathOf(name)).Where(line => line.Length > 0 && !line.StartsWith("# ", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);

    private static string PathOf(string name) => Path.Combine(SharedData.RepositoryRoot, "tests", "Grammar.Tests", "baselines", name + ".txt");

    public static void Check(string name, IEnumerable<string> wrong)
    {
        string path = PathOf(name);
        var actual = wrong.ToHashSet(StringComparer.Ordinal);
        if (Environment.GetEnvironmentVariable("CLUSTER_BASELINE") == "write")
        {
            File.WriteAllLines(path, actual.Order(StringComparer.Ordinal));
            return;
        }
        var known = Read(name);
        Assert.True(actual.SetEquals(known),
            $"{path}\nnewly wrong:\n  {string.Join("\n  ", actual.Except(known).Order(StringComparer.Ordinal))}"
            + $"\nright by now (take the line out):\n  {string.Join("\n  ", known.Except(actual).Order(StringComparer.Ordinal))}");
    }
}
