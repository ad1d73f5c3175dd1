using Cluster.Serving;
using Cluster.Serving.Fleet;

namespace Cluster.Grains.Surrogates;

/// <summary><see cref="SiloReport"/> as it crosses silos.</summary>
[GenerateSerializer, Alias("cluster.silo-report"), Immutable]
public struct SiloReportSurrogate
{
    [Id(0)] public string Silo;
    [Id(1)] public string[] Models;
    [Id(2)] public int FreeDevices;
    [Id(3)] public bool Draining;
    [Id(4)] public ReplicaSnapshot[] Replicas;
    [Id(5)] public string[] OfferedModels;
    [Id(6)] public string[] OfferedFingerprints;
    [Id(7)] public string[] OfferedVersions;
}

[RegisterConverter]
public sealed class SiloReportConverter : IConverter<SiloReport, SiloReportSurrogate>
{
    public SiloReport ConvertFromSurrogate(in SiloReportSurrogate surrogate) => new()
    {
        Silo = surrogate.Silo, Models = [.. surrogate.Models], FreeDevices = surrogate.FreeDevices,
        Draining = surrogate.Draining, Replicas = [.. surrogate.Replicas],
        Offers = surrogate.OfferedModels is not { } models ? [] : [.. models.Zip(surrogate.OfferedFingerprints, surrogate.OfferedVersions).Select(offer => new ModelOffer(offer.First, offer.Second, offer.Third))],
    };

    public SiloReportSurrogate ConvertToSurrogate(in SiloReport value) => new()
    {
        Silo = value.Silo, Models = [.. value.Models], FreeDevices = value.FreeDevices,
        Draining = value.Draining, Replicas = [.. value.Replicas], OfferedModels = [.. value.Offers.Select(offer => offer.ModelId)],
        OfferedFingerprints = [.. value.Offers.Select(offer => offer.Fingerprint)], OfferedVersions = [.. value.Offers.Select(offer => offer.Version)],
    };
}

/// <summary><see cref="RoutingTable"/> as it crosses silos.</summary>
[GenerateSerializer, Alias("cluster.routing-table"), Immutable]
public struct RoutingTableSurrogate
{
    [Id(0)] public string ModelId;
    [Id(1)] public long Epoch;
    [Id(2)] public long Version;
    [Id(3)] public ReplicaSnapshot[] Replicas;
}

[RegisterConverter]
public sealed class RoutingTableConverter : IConverter<RoutingTable, RoutingTableSurrogate>
{
    public RoutingTable ConvertFromSurrogate(in RoutingTableSurrogate surrogate)
        => new(surrogate.ModelId, surrogate.Epoch, surrogate.Version, [.. surrogate.Replicas]);

    public RoutingTableSurrogate ConvertToSurrogate(in RoutingTable value)
        => new() { ModelId = value.ModelId, Epoch = value.Epoch, Version = value.Version, Replicas = [.. value.Replicas] };
}
