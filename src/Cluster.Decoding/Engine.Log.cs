using Microsoft.Extensions.Logging;

namespace Cluster.Decoding;

public sealed partial class Engine
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The engine of {Model} is draining.")]
    private static partial void LogDraining(ILogger logger, string model);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A step of {Model} failed with {Exception}, attempt {Attempt}.")]
    private static partial void LogStepFailed(ILogger logger, string exception, string model, int attempt);

    [LoggerMessage(Level = LogLevel.Error, Message = "The running sequences of {Model} failed: {Kind}, {Exception}.")]
    private static partial void LogSequencesFailed(ILogger logger, string exception, string model, SequenceErrorKind kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sequence of {Model} failed: {Kind}, {Reason}.")]
    private static partial void LogSequenceFailed(ILogger logger, string model, SequenceErrorKind kind, string reason);
}
