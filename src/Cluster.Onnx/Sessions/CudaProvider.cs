using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace Cluster.Onnx.Sessions;

/// <summary>
/// Puts a session on a CUDA device. The official package carries its provider as a bridge that the core library loads by itself; the
/// look-alike
/// package carries it as a library that registers its devices. The first is tried first.
/// </summary>
internal static class CudaProvider
{
    private const string Registration = "cluster-cuda";
    private const string Library = "libonnxruntime_providers_cuda.so";

    private static readonly Lock _gate = new();
    private static bool _isRegistered;

    public static int Ordinal(string device) => int.Parse(device.AsSpan("cuda:".Length), CultureInfo.InvariantCulture);

    public static void Use(SessionOptions settings, string device)
    {
        try
        {
            settings.AppendExecutionProvider_CUDA(Ordinal(device));
        }
        catch (Exception bridge)
        {
            try
            {
                UseLibrary(settings, Ordinal(device));
            }
            catch (Exception library)
            {
                throw new ModelLoadException(
                    ModelLoadFailure.DeviceUnavailable,
                    $"device {device}: build with -p:Gpu=true and install CUDA and cuDNN. {bridge.Message} {library.Message}",
                    library);
            }
        }
    }

    private static void UseLibrary(SessionOptions settings, int ordinal)
    {
        var environment = OrtEnv.Instance();
        lock (_gate)
        {
            if (!_isRegistered)
            {
                string[] folders = [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native")];
                var path = folders.Select(folder => Path.Combine(folder, Library)).FirstOrDefault(File.Exists)
                    ?? throw new FileNotFoundException($"{Library} is not beside the program.");
                environment.RegisterExecutionProviderLibrary(Registration, path);
                _isRegistered = true;
            }
        }

        var devices = environment.GetEpDevices().Where(device => device.HardwareDevice.Type == OrtHardwareDeviceType.GPU).ToArray();
        if (ordinal >= devices.Length)
        {
            throw new InvalidOperationException($"There are {devices.Length} CUDA devices.");
        }

        settings.AppendExecutionProvider(environment, [devices[ordinal]], new Dictionary<string, string>());
    }
}
