using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Connections.Security;
using Orleans.Hosting;

namespace Cluster.Grains.Membership;

/// <summary>Gives a silo its address, its way to find the others, and a place for grain state.</summary>
public static class ClusterMembership
{
    private const string Npgsql = "Npgsql";

    public static ISiloBuilder UseClusterMembership(this ISiloBuilder silo, MembershipOptions options)
    {
        var address = IPAddress.Parse(options.Address);
        silo.Configure<EndpointOptions>(endpoint =>
        {
            endpoint.AdvertisedIPAddress = address;
            endpoint.SiloPort = options.SiloPort;
            endpoint.GatewayPort = options.GatewayPort;
            endpoint.SiloListeningEndpoint = new IPEndPoint(address, options.SiloPort);
            endpoint.GatewayListeningEndpoint = new IPEndPoint(address, options.GatewayPort);
        });
        silo.Configure<SiloOptions>(named => named.SiloName = options.SiloName.Length > 0 ? options.SiloName : $"{Environment.MachineName}-{options.SiloPort}");
        silo.Configure<ClusterMembershipOptions>(probes =>
        {
            probes.ProbeTimeout = TimeSpan.FromMilliseconds(options.ProbeTimeoutMs);
            probes.NumMissedProbesLimit = options.ProbesMissedMax;
        });
        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ClusterId));
        if (options.Tls is { } files) silo.UseTls(new SiloTls(files).Apply);
        if (options.Kind == MembershipKind.Localhost)
        {
            silo.UseDevelopmentClustering(new IPEndPoint(address, options.PrimaryPort));
            return silo.AddMemoryGrainStorage(ClusterGrains.Storage);
        }
        silo.UseAdoNetClustering(database => (database.Invariant, database.ConnectionString) = (Npgsql, options.ConnectionString));
        return silo.AddAdoNetGrainStorage(
            ClusterGrains.Storage, database => (database.Invariant, database.ConnectionString) = (Npgsql, options.ConnectionString));
    }
}
