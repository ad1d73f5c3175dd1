using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.Benchmarks.Walk;

/// <summary>One line of a case file: a schema and its instances as tokens.</summary>
internal sealed record WalkCase
{
    [JsonPropertyName("id")] public required string Id { get; init; }

    [JsonPropertyName("subset")] public string Subset { get; init; } = "";

    [JsonPropertyName("schema")] public required JsonElement Schema { get; init; }

    [JsonPropertyName("tests")] public required WalkInstance[] Tests { get; init; }
}

internal sealed record WalkInstance
{
    [JsonPropertyName("valid")] public required bool IsValid { get; init; }

    [JsonPropertyName("tokens")] public required int[] Tokens { get; init; }
}

/// <summary>One line of a result file. Fields beyond those that the report reads come last.</summary>
internal sealed record WalkResult
{
    [JsonPropertyName("id")] public required string Id { get; init; }

    [JsonPropertyName("subset")] public required string Subset { get; init; }

    /// <summary>ok, compile_error, timeout or crash.</summary>
    [JsonPropertyName("status")] public required string Status { get; init; }

    [JsonPropertyName("error")] public string Error { get; init; } = "";

    [JsonPropertyName("compile_us")] public double CompileUs { get; init; }

    [JsonPropertyName("ttfm_us")] public double FirstMaskUs { get; init; }

    [JsonPropertyName("tests")] public InstanceResult[] Tests { get; init; } = [];

    /// <summary>CPU of the whole process while the case ran, work done ahead and the collector included.</summary>
    [JsonPropertyName("cpu_us")] public double CpuUs { get; init; }
}

internal sealed record InstanceResult
{
    [JsonPropertyName("valid")] public required bool IsValid { get; init; }

    [JsonPropertyName("accepted")] public required bool IsAccepted { get; init; }

    /// <summary>Index of the refusing step; -1 if none.</summary>
    [JsonPropertyName("stop")] public required int Stop { get; init; }

    [JsonPropertyName("n")] public required int Count { get; init; }

    [JsonPropertyName("mask_us")] public required double[] MaskUs { get; init; }

    [JsonPropertyName("accept_us")] public required double[] AcceptUs { get; init; }

    /// <summary>Masks that ran out of fuel.</summary>
    [JsonPropertyName("narrowed")] public int Narrowed { get; init; }

    /// <summary>Bytes allocated by the steps.</summary>
    [JsonPropertyName("allocated")] public long Allocated { get; init; }

    /// <summary>Garbage collections during the steps.</summary>
    [JsonPropertyName("collections")] public int Collections { get; init; }
}
