namespace Cluster.Serving.Fleet;

/// <summary>The devices this process may use; their list may change while it runs. Thread-safe.</summary>
public sealed class DevicePool(DeviceOptions options, TimeProvider time)
{
    private readonly Dictionary<string, DeviceLock> _held = [];
    private readonly Lock _gate = new();
    private IReadOnlyList<string> _devices = options.Devices;

    /// <summary>Devices that are not held by this process; another process may hold them.</summary>
    public int FreeCount
    {
        get { lock (_gate) return _devices.Count(device => !_held.ContainsKey(device)); }
    }

    /// <summary>Takes the first device that nobody holds; null where there is none.</summary>
    public DeviceLock? TryAcquire(string replicaId)
    {
        lock (_gate)
        {
            foreach (string device in _devices)
            {
                if (_held.ContainsKey(device)) continue;
                if (DeviceLock.TryAcquire(device, replicaId, options, time) is not { } taken) continue;
                _held.Add(device, taken);
                return taken;
            }
            return null;
        }
    }

    /// <summary>Another list from now on. A device that is no longer on it is kept until it is released.</summary>
    public void Replace(IReadOnlyList<string> devices)
    {
        lock (_gate) _devices = devices;
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
