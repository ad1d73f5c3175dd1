namespace Cluster.Grains;

public sealed partial class SiloAgent
{
    [LoggerMessage(1, LogLevel.Information, "Sequences handed over, {Streams} streams were still open")]
    private static partial void LogDrained(ILogger logger, int streams);

    [LoggerMessage(3, LogLevel.Information, "{Schemas} schemas of the cluster compiled before taking traffic")]
    private static partial void LogWarm(ILogger logger, int schemas);

    [LoggerMessage(4, LogLevel.Warning, "The cluster's schemas were not all compiled in time; each is compiled at its first request")]
    private static partial void LogCold(ILogger logger, Exception error);
}
