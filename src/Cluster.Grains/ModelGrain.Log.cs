using Cluster.Serving.Fleet;

namespace Cluster.Grains;

public sealed partial class ModelGrain
{
    [LoggerMessage(1, LogLevel.Information, "{Action}")]
    private static partial void LogAction(ILogger logger, FleetAction action);

    [LoggerMessage(2, LogLevel.Warning, "{Action} did not happen; it is planned anew")]
    private static partial void LogRefused(ILogger logger, Exception error, FleetAction action);
}
