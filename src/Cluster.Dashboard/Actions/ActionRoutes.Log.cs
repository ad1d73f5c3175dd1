using Microsoft.Extensions.Logging;

namespace Cluster.Dashboard.Actions;

internal sealed partial class ActionRoutes
{
    [LoggerMessage(1, LogLevel.Warning, "The administrator {Key} asked for: {Action}")]
    private static partial void LogDone(ILogger logger, string key, string action);

    [LoggerMessage(2, LogLevel.Warning, "The administrator {Key} asked in vain for: {Action} ({Reason})")]
    private static partial void LogRefused(ILogger logger, string key, string action, string reason);
}
