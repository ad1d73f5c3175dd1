using System.Collections.Concurrent;

namespace Cluster.Serving;

/// <summary>How many requests wait or run for each version of a model, so that a version that was replaced is kept for as long as it is needed. Thread-safe.</summary>
public sealed class ModelUse
{
    // By name, too: two models may have the same weights.
    private readonly ConcurrentDictionary<(string ModelId, string Fingerprint), int> _requests = new();

    /// <summary>One more request, until the result is disposed.</summary>
    /// <param name="modelId">The model asked for.</param>
    /// <param name="fingerprint">See <see cref="ServedModel.Fingerprint"/>.</param>
    public Request Begin(string modelId, string fingerprint)
    {
        _requests.AddOrUpdate((modelId, fingerprint), 1, static (_, count) => count + 1);
        return new Request(this, modelId, fingerprint);
    }

    /// <summary>Requests that wait or run for the version.</summary>
    public int CountOf(string modelId, string fingerprint) => _requests.GetValueOrDefault((modelId, fingerprint));

    /// <summary>Versions with requests.</summary>
    public int Versions => _requests.Count;

    /// <summary>One request's use of a version; dispose it once.</summary>
    public readonly struct Request(ModelUse use, string modelId, string fingerprint) : IDisposable
    {
        public void Dispose()
        {
            // A version without requests leaves nothing behind: years of replaced models would add up.
            if (use._requests.AddOrUpdate((modelId, fingerprint), 0, static (_, count) => count - 1) == 0) use._requests.TryRemove(new KeyValuePair<(string, string), int>((modelId, fingerprint), 0));
        }
    }
}
