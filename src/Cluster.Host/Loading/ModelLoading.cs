using System.Globalization;
using Cluster.Host.Models;
using Cluster.Onnx.Folders;
using Cluster.Serving;

namespace Cluster.Host.Loading;

/// <summary>Reads what an edge must know of each model, with progress; faults of all models are reported together.</summary>
public static class ModelLoading
{
    /// <exception cref="ConfigurationException">Lists what each folder lacks.</exception>
    public static async Task<IReadOnlyList<ServedModel>> ReadAsync(IReadOnlyList<ModelConfig> models, LoadingProgress progress, TimeProvider time)
    {
        int[] jobs = [.. models.Select(model => progress.Plan($"reading {model.Id}", model.Fingerprint is null ? WeightBytesOf(model) : 0, isOpaque: false))];
        (ServedModel? Model, string Fault)[] read = await Task.WhenAll(models.Select((model, index) => progress.RunAsync<(ServedModel?, string)>(
            jobs[index], static (_, _) => null, advance => Task.Run<(ServedModel?, string)>(() =>
            {
                try
                {
                    return (ServedModelLoader.Load(model, time, advance), "");
                }
                catch (ConfigurationException exception)
                {
                    return (null, exception.Message);
                }
            })))).ConfigureAwait(false);
        string[] faults = [.. read.Where(one => one.Model is null).Select(one => one.Fault)];
        return faults.Length == 0 ? [.. read.Select(one => one.Model!)] : throw new ConfigurationException(faults);
    }

    /// <summary>Size of the weights on disk, in bytes; 0 where the folder cannot be read, which is reported elsewhere.</summary>
    public static long WeightBytesOf(ModelConfig model)
    {
        try
        {
            return ModelFolder.Read(model.Path, model.Graph, model.Dtype).WeightBytes;
        }
        catch (Exception exception) when (exception is Cluster.Onnx.ModelLoadException or IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    internal static string Seconds(TimeSpan span) => span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}
