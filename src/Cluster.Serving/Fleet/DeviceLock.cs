using System.Globalization;
using System.Text;

namespace Cluster.Serving.Fleet;

/// <summary>
/// Ownership of one device by this process: an operating-system lock, and the device's log, which only the holder writes.
/// </summary>
/// <remarks>
/// Rejected: a lease with an expiry. A stopped process that wakes up after its lease ran out still drives the device; the operating system's
/// lock is freed by death alone and kept while stopped, so there are never two owners. The log proves it: see <see cref="DeviceLog"/>.
/// </remarks>
public sealed class DeviceLock : IDisposable
{
    private readonly FileStream _lock;
    private readonly FileStream _log;
    private readonly ITimer _beat;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private bool _released;

    private DeviceLock(string device, string owner, FileStream lockFile, FileStream log, DeviceOptions options, TimeProvider time)
    {
        (Device, Owner, _lock, _log, _time) = (device, owner, lockFile, log, time);
        Write(DeviceLog.Acquire);
        var period = TimeSpan.FromMilliseconds(options.BeatMs);
        _beat = time.CreateTimer(_ => Write(DeviceLog.Beat), null, period, period);
    }

    public string Device { get; }

    /// <summary>Who holds it, as written to the log: process id and replica.</summary>
    public string Owner { get; }

    /// <summary>Takes the device, or null where another process, or this one, already holds it.</summary>
    public static DeviceLock? TryAcquire(string device, string replicaId, DeviceOptions options, TimeProvider time)
    {
        Directory.CreateDirectory(options.LockFolder);
        string path = Path.Combine(options.LockFolder, FileNameOf(device));
        FileStream? lockFile = null;
        try
        {
            lockFile = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            bool anew = File.Exists(path + ".log") && new FileInfo(path + ".log").Length > options.LogBytesMax;
            var log = new FileStream(path + ".log", anew ? FileMode.Create : FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            return new DeviceLock(device, $"{Environment.ProcessId}@{replicaId}", lockFile, log, options, time);
        }
        catch (IOException) when (lockFile is null)
        {
            return null;
        }
    }

    /// <summary>A device name as a file name.</summary>
    public static string FileNameOf(string device)
        => string.Concat(device.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));

    public void Dispose()
    {
        _beat.Dispose();
        lock (_gate)
        {
            if (_released) return;
            Write(DeviceLog.Release);
            _released = true;
            _log.Dispose();
            _lock.Dispose();
        }
    }

    private void Write(string what)
    {
        lock (_gate)
        {
            if (_released) return;
            string at = _time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            _log.Write(Encoding.UTF8.GetBytes($"{at} {Owner} {what}\n"));
        }
    }
}
