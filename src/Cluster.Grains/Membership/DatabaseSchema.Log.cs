namespace Cluster.Grains.Membership;

public static partial class DatabaseSchema
{
    [LoggerMessage(1, LogLevel.Warning, "Waiting for the database, next try in {Seconds} s: {Reason}")]
    private static partial void LogWaiting(ILogger logger, double seconds, string reason);
}
