using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Cluster.OpenAI.Access;

/// <summary>Counts of one key and model since the server started.</summary>
public sealed record Usage(string Key, string Model, long Requests, long PromptTokens, long CachedPromptTokens, long CompletionTokens);

/// <summary>What each key has used of each model since the server started; the same numbers are metrics.</summary>
public sealed class UsageLedger
{
    private sealed class Entry
    {
        public long Requests, PromptTokens, CachedPromptTokens, CompletionTokens;
    }

    private readonly ConcurrentDictionary<(string Key, string Model), Entry> _entries = new();
    private readonly Counter<long>? _requests;
    private readonly Counter<long>? _tokens;

    public UsageLedger(IMeterFactory? meters = null)
    {
        Meter? meter = meters?.Create("Cluster.OpenAI");
        _requests = meter?.CreateCounter<long>("cluster.usage.requests", "{request}", "Requests accepted, by key id and model.");
        _tokens = meter?.CreateCounter<long>("cluster.usage.tokens", "{token}", "Tokens used, by key id, model and kind (prompt, completion).");
    }

    public void AddRequest(string key, string model, int promptTokens)
    {
        Entry entry = _entries.GetOrAdd((key, model), static _ => new Entry());
        Interlocked.Increment(ref entry.Requests);
        Interlocked.Add(ref entry.PromptTokens, promptTokens);
        _requests?.Add(1, new("key", key), new("model", model));
        _tokens?.Add(promptTokens, new("key", key), new("model", model), new("kind", "prompt"));
    }

    public void AddCompletion(string key, string model, int completionTokens, int cachedPromptTokens)
    {
        Entry entry = _entries.GetOrAdd((key, model), static _ => new Entry());
        Interlocked.Add(ref entry.CompletionTokens, completionTokens);
        Interlocked.Add(ref entry.CachedPromptTokens, cachedPromptTokens);
        _tokens?.Add(completionTokens, new("key", key), new("model", model), new("kind", "completion"));
    }

    /// <summary>By key, then model.</summary>
    public IReadOnlyList<Usage> Snapshot() => [.. _entries
        .Select(pair => new Usage(
            pair.Key.Key, pair.Key.Model, Interlocked.Read(ref pair.Value.Requests), Interlocked.Read(ref pair.Value.PromptTokens),
            Interlocked.Read(ref pair.Value.CachedPromptTokens), Interlocked.Read(ref pair.Value.CompletionTokens)))
        .OrderBy(usage => usage.Key, StringComparer.Ordinal).ThenBy(usage => usage.Model, StringComparer.Ordinal)];
}
