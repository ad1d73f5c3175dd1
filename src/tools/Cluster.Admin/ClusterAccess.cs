using System.Net;
using Cluster.Grains;
using Cluster.Grains.Membership;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Connections.Security;
using Orleans.Hosting;

namespace Cluster.Admin;

/// <summary>How to reach a cluster.</summary>
/// <param name="Gateway">A silo's gateway, <c>address:port</c>; unused with a database.</param>
/// <param name="Database">PostgreSQL connection string, or null.</param>
/// <param name="Certificate">PEM file; null without TLS. Then <paramref name="Key"/> and <paramref name="Authority"/> are needed, too.</param>
public sealed record ClusterAccess(string Gateway, string ClusterId, string? Database, string? Certificate, string? Key, string? Authority)
{
    /// <summary>Connects, calls, disconnects.</summary>
    /// <exception cref="TimeoutException">The cluster did not answer in time.</exception>
    /// <exception cref="ArgumentException">An option is malformed or missing.</exception>
    public async Task CallAsync(Func<IClusterAdminGrain, Task> call, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(Configure);
        using IHost host = builder.Build();
        try
        {
            await host.StartAsync(cancellationToken).WaitAsync(timeout, cancellationToken);
            await call(host.Services.GetRequiredService<IGrainFactory>().GetGrain<IClusterAdminGrain>(0)).WaitAsync(timeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"No answer from {(Database is null ? Gateway : "the cluster")} within {timeout.TotalSeconds:0} s.");
        }
        await host.StopAsync(CancellationToken.None);
    }

    private void Configure(IClientBuilder client)
    {
        client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (ClusterId, ClusterId));
        if (Database is { Length: > 0 }) client.UseAdoNetClustering(database => (database.Invariant, database.ConnectionString) = ("Npgsql", Database));
        else client.UseStaticClustering(IPEndPoint.TryParse(Gateway, out IPEndPoint? end) && end.Port > 0 ? end : throw new ArgumentException($"'{Gateway}' is not address:port."));
        if (Certificate is null) return;
        if (Key is null || Authority is null) throw new ArgumentException("--certificate needs --key and --authority.");
        client.UseTls(new SiloTls(new TlsFiles(Certificate, Key, Authority)).Apply);
    }
}
