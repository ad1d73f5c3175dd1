using System.ComponentModel.DataAnnotations;

namespace Cluster.Serving.Fleet;

/// <summary>Which devices this process may use, and where their locks lie.</summary>
public sealed record DeviceOptions
{
    /// <summary>Names of the devices this process may own, for example <c>cpu:0</c> or <c>cuda:1</c>. One replica owns one device.</summary>
    /// <remarks>Processes on one machine may list the same devices: each is owned by whoever holds its lock. A silo without devices lists none.</remarks>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Folder of the lock and log files; one per machine, shared by all its processes.</summary>
    /// <remarks>Change it when several clusters must share a machine's devices (same folder) or must not see each other (two folders). Never on a network file system.</remarks>
    [Required]
    public string LockFolder { get; init; } = Path.Combine(Path.GetTempPath(), "cluster-devices");

    /// <summary>Time between two beats in a device's log, in milliseconds.</summary>
    [Range(50, 60_000)]
    public int BeatMs { get; init; } = 1_000;

    /// <summary>Size past which a new owner starts the device's log anew, in bytes.</summary>
    [Range(1_024, int.MaxValue)]
    public long LogBytesMax { get; init; } = 16 * 1024 * 1024;
}
