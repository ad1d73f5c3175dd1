namespace Cluster.Serving.Local;

/// <summary>A model as one process is to run it. An immutable value.</summary>
/// <param name="Served">What edges know of it.</param>
/// <param name="Device">Where its replicas run.</param>
/// <param name="Replicas">How many are wanted.</param>
/// <param name="Version">Equal where replicas that were opened for one value serve the other, too.</param>
/// <param name="OpenAsync">Opens the replica of this id.</param>
public sealed record LocalModel(ServedModel Served, string Device, int Replicas, object Version, Func<string, CancellationToken, Task<IReplica>> OpenAsync)
{
    public string Id => Served.Id;
}
