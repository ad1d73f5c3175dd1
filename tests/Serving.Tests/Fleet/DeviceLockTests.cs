using Cluster.Serving.Fleet;

namespace Cluster.Serving.Tests.Fleet;

public sealed class DeviceLockTests : IDisposable
{
    private readonly DeviceOptions _options = new() { Devices = ["d:0", "d:1"], LockFolder = Directory.CreateTempSubdirectory().FullName, BeatMs = 50 };

    [Fact]
    public void TryAcquire_HeldDevice_IsRefusedUntilReleased()
    {
        using var first = DeviceLock.TryAcquire("d:0", "m/0", _options, TimeProvider.System);
        Assert.NotNull(first);
        Assert.Null(DeviceLock.TryAcquire("d:0", "m/1", _options, TimeProvider.System));

        first.Dispose();

        using var second = DeviceLock.TryAcquire("d:0", "m/1", _options, TimeProvider.System);
        Assert.NotNull(second);
    }

    [Fact]
    public void Pool_AsManyAsDevices_ThenNone()
    {
        var pool = new DevicePool(_options, TimeProvider.System);
        var taken = Enumerable.Range(0, 3).Select(n => pool.TryAcquire($"m/{n}")).ToList();

        Assert.Equal(["d:0", "d:1", null], taken.Select(device => device?.Device));
        Assert.Equal(0, pool.FreeCount);
        pool.Release(taken[0]!);
        Assert.Equal("d:0", pool.TryAcquire("m/3")?.Device);
    }

    [Fact]
    public async Task Log_OwnersInTurn_NeverOverlap()
    {
        for (int n = 0; n < 3; n++)
        {
            using var held = DeviceLock.TryAcquire("d:0", $"m/{n}", _options, TimeProvider.System);
            await Task.Delay(120);
        }
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(_options.LockFolder, DeviceLock.FileNameOf("d:0") + ".log"));

        Assert.Equal(3, lines.Count(line => line.EndsWith(DeviceLog.Acquire, StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.EndsWith(DeviceLog.Beat, StringComparison.Ordinal));
        Assert.Equal(0, DeviceLog.CountDoubleOwners(lines));
    }

    [Theory]
    [InlineData(0, "t a acquire", "t a beat", "t b acquire", "t b beat", "t b release")]
    [InlineData(1, "t a acquire", "t b acquire", "t a beat", "t b beat")]
    [InlineData(1, "t a acquire", "t a release", "t a beat")]
    public void CountDoubleOwners_Log_CountsUseByAnyoneButTheHolder(int expected, params string[] lines)
        => Assert.Equal(expected, DeviceLog.CountDoubleOwners(lines));

    public void Dispose() => Directory.Delete(_options.LockFolder, recursive: true);
}
