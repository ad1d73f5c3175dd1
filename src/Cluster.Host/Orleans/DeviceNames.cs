using Cluster.Host.Models;

namespace Cluster.Host;

/// <summary>
/// Names of devices that a silo may own. A processor can carry several replicas, so its devices are numbered shares: <c>cpu:0</c>, <c>cpu:1</c>.
/// </summary>
public static class DeviceNames
{
    private const string Processor = "cpu";

    /// <summary>As many shares of the processor as the catalogue has replicas on it, and every CUDA device that it names.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<ModelConfig> models)
    {
        int shares = models.Where(model => model.Device == Processor).Sum(model => model.Replicas);
        return [.. Enumerable.Range(0, shares).Select(share => $"{Processor}:{share}"), .. models.Select(model => model.Device).Where(device => device != Processor).Distinct()];
    }

    /// <summary>The device as ONNX Runtime knows it.</summary>
    public static string RuntimeNameOf(string device) => device.StartsWith(Processor, StringComparison.Ordinal) ? Processor : device;
}
