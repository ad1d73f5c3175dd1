namespace Cluster.Serving.Fleet;

/// <summary>The devices this process may use. Thread-safe.</summary>
public sealed class DevicePool(DeviceOptions options, TimeProvider time)
{
    private readonly Dictionary<string, DeviceLock> _held = [];
    private readonly Lock _gate = new();

    /// <summary>Devices that are not held by this process; another process may hold them.</summary>
    public int FreeCount
    {
        get { lock (_gate) return options.Devices.Count - _held.Count; }
    }

    /// <summary>Takes the first device that nobody holds; null where there is none.</summary>
    public DeviceLock? TryAcquire(string replicaId)
    {
        lock (_gate)
        {
            foreach (string device in options.Devices)
            {
                if (_held.ContainsKey(device)) continue;
                if (DeviceLock.TryAcquire(device, replicaId, options, time) is not { } taken) continue;
                _held.Add(device, taken);
                return taken;
            }
            return null;
        }
    }

    public void Release(DeviceLock device)
    {
        lock (_gate)
        {
            device.Dispose();
            if (_held.TryGetValue(device.Device, out var held) && ReferenceEquals(held, device)) _held.Remove(device.Device);
        }
    }
}
