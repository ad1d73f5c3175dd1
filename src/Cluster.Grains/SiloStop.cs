namespace Cluster.Grains;

/// <summary>This silo is about to leave the cluster: its sequences are handed over, its grains end next.</summary>
public sealed class SiloStop
{
    private readonly CancellationTokenSource _source = new();

    public CancellationToken Token => _source.Token;

    public Task BeginAsync() => _source.CancelAsync();
}
