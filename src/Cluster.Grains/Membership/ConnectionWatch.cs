using System.Net;
using Cluster.Serving.Fleet;
using Microsoft.AspNetCore.Connections;

namespace Cluster.Grains.Membership;

/// <summary>
/// Sits in each connection that this silo opens to another one. A process that dies takes its connections with it at once, seconds before
/// membership agrees on its death: so the pulse of its replicas is taken the moment a connection ends.
/// </summary>
/// <remarks>Rejected: to call the replicas lost right away. Connections also end for other reasons, and a beat over a new one costs a millisecond.</remarks>
public sealed class ConnectionWatch(ReplicaPulse pulse)
{
    public void Watch(IConnectionBuilder connections) => connections.Use(next => async connection =>
    {
        var silo = connection.RemoteEndPoint as IPEndPoint;
        try { await next(connection); }
        finally { pulse.BeatNow(replica => silo is not null && silo.Equals(SiloAddress.FromParsableString(replica.Snapshot.Silo).Endpoint)); }
    });
}
