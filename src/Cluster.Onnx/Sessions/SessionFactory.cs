using Cluster.Onnx.Folders;
using Microsoft.ML.OnnxRuntime;

namespace Cluster.Onnx.Sessions;

/// <summary>Opens a session on a device and turns what the runtime says into typed failures.</summary>
internal static class SessionFactory
{
    public static LoadedGraph Open(DecoderLayout layout, OnnxModelOptions options)
    {
        var cores = CoreList.Parse(options.Cores);
        using var settings = new SessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            InterOpNumThreads = 1,
            IntraOpNumThreads = cores.Length > 0 ? cores.Length : options.Threads,
        };
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", options.AllowSpinning ? "1" : "0");
        if (cores.Length > 1)
        {
            settings.AddSessionConfigEntry("session.intra_op_thread_affinities", CoreList.OfHelpers(cores));
        }

        if (options.Device != "cpu")
        {
            CudaProvider.Use(settings, options.Device);
        }

        InferenceSession? session = null;
        try
        {
            session = new InferenceSession(layout.GraphPath, settings);
            return new LoadedGraph(session, layout, cores.Length > 0 ? cores[0] : null);
        }
        catch (Exception error) when (error is not ModelLoadException)
        {
            session?.Dispose();
            throw new ModelLoadException(Failure(error), $"{layout.GraphPath}: {error.Message}", error);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    private static ModelLoadFailure Failure(Exception error) => error switch
    {
        OutOfMemoryException => ModelLoadFailure.TooLarge,
        { Message: var message } when message.Contains("bad_alloc", StringComparison.Ordinal)
            || message.Contains("Failed to allocate", StringComparison.Ordinal) => ModelLoadFailure.TooLarge,
        { Message: var message } when message.Contains("InvalidProtobuf", StringComparison.Ordinal) => ModelLoadFailure.CorruptFile,
        _ => ModelLoadFailure.RuntimeRefused,
    };
}
