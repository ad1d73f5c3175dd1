using System.Globalization;

namespace Cluster.Chaos;

/// <summary>How long and how hard; each value can be set by an environment variable of the same name in capitals, with <c>CHAOS_</c> before it.</summary>
public sealed record ChaosOptions
{
    /// <summary>Length of the run.</summary>
    public double Minutes { get; init; } = Number("MINUTES", 3);

    /// <summary><c>embedded</c>: the host's own processes with the embedded model, streams over HTTP from an edge process; <c>fake</c>: no weights and no
    /// HTTP, see <see cref="FakeReplicas"/>.</summary>
    public string Model { get; init; } = Environment.GetEnvironmentVariable("CHAOS_MODEL") ?? "embedded";

    /// <summary>Replica silos, each a process.</summary>
    public int Silos { get; init; } = (int)Number("SILOS", 3);

    /// <summary>Streams at any time.</summary>
    public int Streams { get; init; } = (int)Number("STREAMS", 64);

    /// <summary>Tokens of one stream.</summary>
    public int Tokens { get; init; } = (int)Number("TOKENS", 400);

    /// <summary>Time of one step of the fake model, in milliseconds.</summary>
    public int StepMs { get; init; } = (int)Number("STEP_MS", 20);

    /// <summary>From the first stream to the first fault, in seconds: programs that have just started are slow for a while.</summary>
    public double WarmUpSeconds { get; init; } = Number("WARMUP", 10);

    /// <summary>Rest between two faults, in seconds, once every silo has a ready replica again.</summary>
    public double RestSeconds { get; init; } = Number("REST", 1);

    /// <summary>From the end of a silo's process to its next start, in seconds.</summary>
    public double RestartSeconds { get; init; } = Number("RESTART", 1);

    /// <summary>The host's program (<c>Cluster.Host.dll</c>) where it is not this build's own: one that was compiled ahead of time
    /// (<c>dotnet publish -p:PublishReadyToRun=true --use-current-runtime --no-self-contained</c>) starts with less processor time.</summary>
    public string? Host { get; init; } = Environment.GetEnvironmentVariable("CHAOS_HOST") is { Length: > 0 } own ? own : null;

    /// <summary>Another version of the host (the path of its <c>Cluster.Host.dll</c>), which the replica silos begin with and the fault <c>upgrade</c>
    /// exchanges for this one, and back; null for none.</summary>
    public string? OtherHost { get; init; } = Environment.GetEnvironmentVariable("CHAOS_OTHER_HOST") is { Length: > 0 } path ? path : null;

    /// <summary>Whether the edge is of that other version.</summary>
    public bool IsEdgeOther { get; init; } = Number("OTHER_EDGE", 0) > 0;

    /// <summary>Longest that the comparison of one stream with its undisturbed run may take, in seconds.</summary>
    public double CompareSeconds { get; init; } = Number("COMPARE", 300);

    /// <summary>Every silo may own any of the devices, and their locks decide; else each has one of its own.</summary>
    public bool IsSharing { get; init; } = Number("SHARING", 0) > 0;

    /// <summary>Faults in turn; see <see cref="Faults"/>.</summary>
    public IReadOnlyList<string> Faults { get; init; }
        = (Environment.GetEnvironmentVariable("CHAOS_FAULTS") ?? "kill,kill,term,kill,kill,stop,kill,kill,cut,kill,kill,database,kill,kill,slow,kill,kill,rolling").Split(',');

    private static double Number(string name, double otherwise)
        => double.TryParse(Environment.GetEnvironmentVariable($"CHAOS_{name}"), CultureInfo.InvariantCulture, out double value) ? value : otherwise;
}
