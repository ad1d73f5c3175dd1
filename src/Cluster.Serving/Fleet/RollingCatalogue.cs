namespace Cluster.Serving.Fleet;

/// <summary>
/// Goes over to a changed catalogue in one edge of a cluster, model by model: what is new, what is gone and what only changes settings at once; a new version of a
/// model as soon as a replica of it is ready, or none of the version before is. Until then its requests are prepared for the version that can answer them.
/// </summary>
/// <remarks>One change at a time; a later one takes the place of one that is still under way.</remarks>
public sealed class RollingCatalogue(ModelCatalogue catalogue, IReplicaDirectory replicas, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private CancellationTokenSource _superseded = new();

    /// <summary>Ends when every new version is in force; cancelled by the next change.</summary>
    public Task Swapping { get; private set; } = Task.CompletedTask;

    /// <summary>Wants these models from now on.</summary>
    public async Task ReplaceAsync(IReadOnlyList<ServedModel> next)
    {
        await DisposeAsync().ConfigureAwait(false);
        _superseded = new CancellationTokenSource();
        Swapping = TrySwap(next) ? Task.CompletedTask : SwapAsync(next, _superseded.Token);
    }

    private async Task SwapAsync(IReadOnlyList<ServedModel> next, CancellationToken superseded)
    {
        do await Task.Delay(PollInterval, time, superseded).ConfigureAwait(false);
        while (!TrySwap(next));
    }

    /// <summary>True once all of them are in force.</summary>
    private bool TrySwap(IReadOnlyList<ServedModel> next)
    {
        ServedModel[] models = [.. next.Select(model => MayServe(model) ? model : catalogue.Find(model.Id)!)];
        if (!models.SequenceEqual(catalogue.Models)) catalogue.Replace(models);
        return models.SequenceEqual(next);
    }

    private bool MayServe(ServedModel next) => catalogue.Find(next.Id) is not { } old || old.Fingerprint == next.Fingerprint || IsReady(next) || !IsReady(old);

    private bool IsReady(ServedModel model) => ModelState.Of(model, replicas).Condition == ModelCondition.Ready;

    public async ValueTask DisposeAsync()
    {
        await _superseded.CancelAsync().ConfigureAwait(false);
        await Swapping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _superseded.Dispose();
    }
}
