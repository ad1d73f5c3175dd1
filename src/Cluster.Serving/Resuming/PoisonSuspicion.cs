namespace Cluster.Serving.Resuming;

/// <summary>
/// Is a sequence what its replicas die of? One that has lost as many of them at one and the same token, each while it had a slot there, is a suspect
/// and no more than that: whatever else kills replicas hits all their sequences. So the suspect's next run is its trial, and one edge tries one
/// suspect at a time: the sequence whose trial ends with one more dead replica is refused, one that gets a token out of it is cleared.
/// </summary>
/// <remarks>
/// Rejected: to refuse a suspect without a trial. Two replicas lost in quick succession, whatever the reason, leave behind all the sequences that the first
/// gave to the second; and one true cause would have had its neighbours refused with it. Rejected: to try it on an empty replica. Nobody's stream is moved
/// for a suspicion, and streams next to it lose a replica, not their text.
/// </remarks>
internal sealed class PoisonSuspicion(ResumePacing pacing) : IDisposable
{
    private int _position = -1;
    private int _losses;
    private bool _isOnTrial;

    public bool IsSuspect => _losses >= pacing.Options.LossesMax;

    /// <summary>One more replica died while it ran the sequence.</summary>
    /// <param name="position">Tokens emitted when it did.</param>
    /// <returns>True where that was its trial: it is the cause.</returns>
    public bool IsCause(int position)
    {
        _losses = position == _position ? _losses + 1 : 1;
        _position = position;
        return _isOnTrial;
    }

    /// <summary>Waits until no other suspect of this edge is on trial.</summary>
    public async ValueTask BeginTrialAsync(CancellationToken cancellationToken)
    {
        await pacing.BeginTrialAsync(cancellationToken).ConfigureAwait(false);
        _isOnTrial = true;
    }

    /// <summary>A token came.</summary>
    public void Clear()
    {
        _losses = 0;
        EndTrial();
    }

    /// <summary>The run is over, whatever it showed.</summary>
    public void EndTrial()
    {
        if (_isOnTrial) pacing.EndTrial();
        _isOnTrial = false;
    }

    public void Dispose() => EndTrial();
}
