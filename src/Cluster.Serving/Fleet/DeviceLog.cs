namespace Cluster.Serving.Fleet;

/// <summary>Reads the log that a device's owners wrote under its lock, in the order in which they wrote: <c>time owner what</c> per line.</summary>
public static class DeviceLog
{
    public const string Acquire = "acquire";
    public const string Beat = "beat";
    public const string Release = "release";

    /// <summary>
    /// How often an owner used the device while another one held it: a beat or a release by anyone but the last to acquire. A killed
    /// owner writes no release, so an acquire after a beat is not an overlap in itself.
    /// </summary>
    public static int CountDoubleOwners(IEnumerable<string> lines)
    {
        string? owner = null;
        int count = 0;
        foreach (string line in lines)
        {
            if (line.Split(' ') is not [_, var who, var what]) continue;
            if (what == Acquire) owner = who;
            else if (who != owner) count++;
            if (what == Release && who == owner) owner = null;
        }
        return count;
    }
}
