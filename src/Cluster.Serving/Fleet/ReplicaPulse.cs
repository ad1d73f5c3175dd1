namespace Cluster.Serving.Fleet;

/// <summary>
/// Takes the pulse of every replica that an edge routes to. The answer is also the freshest load figure. A refused beat (its process is gone) or
/// no answer for a while (it hangs) is a lost replica, long before the cluster's membership agrees on it.
/// </summary>
/// <remarks>A beat does not wait for the one before: a call that was under way when a process died may never end, the next one is refused at once.</remarks>
/// <param name="ping">Asks a replica for its snapshot; throws where it cannot be reached.</param>
public sealed class ReplicaPulse(
    RoutedReplicaDirectory directory, Func<string, CancellationToken, Task<ReplicaSnapshot>> ping, FleetOptions options, TimeProvider time)
{
    private const int BeatsMax = 64;
    private int _beats;
    private CancellationToken _until;

    /// <summary>Until the token fires.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _until = cancellationToken;
        while (!cancellationToken.IsCancellationRequested)
        {
            BeatNow(_ => true);
            await Task.Delay(TimeSpan.FromMilliseconds(options.PulseMs), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One more beat of some replicas, at once: there is reason to doubt them.</summary>
    public void BeatNow(Func<RoutedReplica, bool> doubted)
    {
        var replicas = directory.Replicas.ToList();
        if (Volatile.Read(ref _beats) > BeatsMax * replicas.Count || _until.IsCancellationRequested) return;
        foreach (var replica in replicas.Where(doubted)) _ = BeatAsync(replica, _until);
    }

    private async Task BeatAsync(RoutedReplica replica, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _beats);
        long began = time.GetTimestamp();
        try
        {
            var snapshot = await ping(replica.Id, cancellationToken)
                .WaitAsync(replica.AnswerBound(options), time, cancellationToken).ConfigureAwait(false);
            replica.Answered(time.GetElapsedTime(began));
            replica.Felt(snapshot, began);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested) { /* The edge stops. */ }
        catch (TimeoutException) { replica.Missed(began, isSilent: true); }
        catch (Exception) { replica.Missed(began, isSilent: false); }
        finally { Interlocked.Decrement(ref _beats); }
    }
}
