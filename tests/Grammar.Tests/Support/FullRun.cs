namespace Cluster.Grammar.Tests.Support;

/// <summary>Long suites run a slice of themselves unless CLUSTER_FULL is 1.</summary>
internal static class FullRun
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("CLUSTER_FULL") == "1";

    public static int Scale(int slice, int full) => IsOn ? full : slice;
}
