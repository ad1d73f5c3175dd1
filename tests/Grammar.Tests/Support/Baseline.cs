namespace Cluster.Grammar.Tests.Support;

/// <summary>
/// A ratchet: the committed list of what is known to be wrong. Anything new on it fails, and so does anything that is right by now,
/// until its line is taken out.
/// </summary>
internal static class Baseline
{
    public static void Check(string name, IEnumerable<string> wrong)
    {
        string path = Path.Combine(SharedData.RepositoryRoot, "tests", "Grammar.Tests", "baselines", name + ".txt");
        var actual = wrong.ToHashSet(StringComparer.Ordinal);
        if (Environment.GetEnvironmentVariable("CLUSTER_BASELINE") == "write")
        {
            File.WriteAllLines(path, actual.Order(StringComparer.Ordinal));
            return;
        }
        var known = File.ReadAllLines(path).Where(line => line.Length > 0 && line[0] != '#').ToHashSet(StringComparer.Ordinal);
        Assert.True(actual.SetEquals(known),
            $"{path}\nnewly wrong:\n  {string.Join("\n  ", actual.Except(known).Order(StringComparer.Ordinal))}"
            + $"\nright by now (take the line out):\n  {string.Join("\n  ", known.Except(actual).Order(StringComparer.Ordinal))}");
    }
}
