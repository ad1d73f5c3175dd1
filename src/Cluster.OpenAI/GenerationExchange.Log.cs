using Microsoft.Extensions.Logging;

namespace Cluster.OpenAI;

public sealed partial class GenerationExchange
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} failed in a way no endpoint expected, in the middle of its stream.")]
    private static partial void LogFailed(ILogger logger, string requestId, Exception exception);
}
