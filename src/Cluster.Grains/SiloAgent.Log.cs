namespace Cluster.Grains;

public sealed partial class SiloAgent
{
    [LoggerMessage(1, LogLevel.Information, "Sequences handed over, {Streams} streams were still open")]
    private static partial void LogDrained(ILogger logger, int streams);

    [LoggerMessage(2, LogLevel.Warning, "The model's grain could not be reached; trying again")]
    private static partial void LogRetry(ILogger logger, Exception error);
}
