namespace Cluster.Serving.Resuming;

/// <summary>
/// Is a sequence what its replicas die of? It is taken for that when it has lost as many of them at one and the same token, each while it had a slot
/// there: chance hits a sequence anywhere, a cause hits where it stands.
/// </summary>
internal sealed class PoisonSuspicion(int lossesMax)
{
    private int _position = -1;
    private int _losses;

    /// <summary>One more replica died while it ran the sequence.</summary>
    /// <param name="position">Tokens emitted when it did.</param>
    public bool IsPoison(int position)
    {
        _losses = position == _position ? _losses + 1 : 1;
        _position = position;
        return _losses >= lossesMax;
    }
}
