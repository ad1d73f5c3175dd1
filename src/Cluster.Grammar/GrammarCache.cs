using System.ComponentModel.DataAnnotations;

namespace Cluster.Grammar;

/// <summary>Bounds of the cache of compiled grammars.</summary>
public sealed record GrammarCacheOptions
{
    /// <summary>Most memory of compiled grammars and kept refusals, in bytes.</summary>
    /// <remarks>Raise it where many large schemas are live at once; a schema that fell out is compiled again on its next use.</remarks>
    [Range(1024, long.MaxValue)]
    public long BytesMax { get; init; } = 256L << 20;

    /// <summary>Most memory of one grammar's lazily built tables, in bytes; past it, its requests go on in empty ones.</summary>
    /// <remarks>Raise it for a large schema that most requests use, whose masks are built again and again. A request on its way is not cut short by it.</remarks>
    [Range(1024, long.MaxValue)]
    public long GrammarBytesMax { get; init; } = CompiledGrammar.DefaultTableBytesMax;

    /// <summary>Most compiles at once; further ones wait.</summary>
    /// <remarks>Keep it below the number of cores, so that a burst of new schemas leaves the decode loop its own.</remarks>
    [Range(1, 1024)]
    public int CompilesMax { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);
}

/// <summary>Counters of a <see cref="GrammarCache"/> since it was made.</summary>
/// <param name="Entries">Grammars and refusals held.</param>
/// <param name="Bytes">Their estimated memory.</param>
/// <param name="Hits">Look-ups answered from the cache, shared compiles included.</param>
/// <param name="Compiles">Compiles begun.</param>
/// <param name="Evictions">Entries dropped for space.</param>
/// <param name="Renewals">Times that a grammar held here began its tables anew for their size.</param>
public sealed record GrammarCacheSnapshot(int Entries, long Bytes, long Hits, long Compiles, long Evictions, long Renewals);

/// <summary>
/// The one cache of compiled grammars of a process: least recently used out, bounded in bytes; concurrent requests for the same
/// source share one compile, and each source is compiled at most once while it stays in.
/// </summary>
/// <remarks>
/// A cancelled caller does not cancel the compile that others wait for: compiles are bounded by fuel, so they end soon anyway.
/// Automata grow as they are used: an entry's bytes are read when its compile ends and on each hit, and those of all entries every few lookups.
/// </remarks>
public sealed class GrammarCache(GrammarCacheOptions options) : IDisposable
{
    private const int EntryOverheadBytes = 512;

    // Lookups from one count of all entries to the next.
    private const int CountedEvery = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byUse = new();
    private readonly SemaphoreSlim _compiles = new(options.CompilesMax, options.CompilesMax);
    private long _bytes;
    private long _hits;
    private long _compilesBegun;
    private long _evictions;
    private long _renewalsGone;

    private sealed class Entry(string key, Task<CompileResult> result)
    {
        public string Key { get; } = key;
        public Task<CompileResult> Result { get; } = result;
        public long Bytes { get; set; }
    }

    public GrammarCacheSnapshot Snapshot()
    {
        lock (_gate)
        {
            CountAll();
            return new(_entries.Count, _bytes, _hits, _compilesBegun, _evictions, _renewalsGone + _byUse.Sum(static x => GrammarOf(x)?.Renewals ?? 0));
        }
    }

    /// <summary>The compiled grammar, or why it was refused.</summary>
    public Task<CompileResult> GetAsync(GrammarSpec spec, bool bestEffort, CancellationToken cancellationToken)
    {
        string key = KeyOf(spec, bestEffort);
        Task<CompileResult> result;
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out LinkedListNode<Entry>? node))
            {
                _hits++;
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                result = node.Value.Result;
                if (result.IsCompletedSuccessfully) Account(node.Value, result.Result);
                if (_hits % CountedEvery == 0) CountAll();
                Evict();
            }
            else
            {
                _compilesBegun++;
                result = CompileAsync(key, spec, bestEffort);
                _entries[key] = _byUse.AddFirst(new Entry(key, result) { Bytes = EntryOverheadBytes });
                _bytes += EntryOverheadBytes;
            }
        }
        return result.IsCompleted ? result : result.WaitAsync(cancellationToken);
    }

    private async Task<CompileResult> CompileAsync(string key, GrammarSpec spec, bool bestEffort)
    {
        // Leaves the caller's lock (and thread) before any work.
        await Task.Yield();
        await _compiles.WaitAsync().ConfigureAwait(false);
        try
        {
            CompileResult result = await Task.Run(() => GrammarCompiler.Compile(spec, bestEffort)).ConfigureAwait(false);
            if (result.Grammar is { } grammar) grammar.TableBytesMax = options.GrammarBytesMax;
            lock (_gate)
            {
                if (_entries.TryGetValue(key, out LinkedListNode<Entry>? node)) Account(node.Value, result);
                Evict();
            }
            return result;
        }
        catch
        {
            Forget(key);
            throw;
        }
        finally
        {
            _compiles.Release();
        }
    }

    private void Forget(string key)
    {
        lock (_gate)
        {
            if (!_entries.Remove(key, out LinkedListNode<Entry>? node)) return;
            _byUse.Remove(node);
            _bytes -= node.Value.Bytes;
        }
    }

    private static CompiledGrammar? GrammarOf(Entry entry) => entry.Result.IsCompletedSuccessfully ? entry.Result.Result.Grammar : null;

    private void CountAll()
    {
        foreach (Entry entry in _byUse)
        {
            if (entry.Result.IsCompletedSuccessfully) Account(entry, entry.Result.Result);
        }
    }

    private void Account(Entry entry, CompileResult result)
    {
        long bytes = EntryOverheadBytes + (result.Grammar?.Bytes ?? 0);
        _bytes += bytes - entry.Bytes;
        entry.Bytes = bytes;
    }

    private void Evict()
    {
        // The entry just used (the first) stays even if it alone is past the bound: its request is running.
        while (_bytes > options.BytesMax && _byUse.Count > 1)
        {
            LinkedListNode<Entry> oldest = _byUse.Last!;
            _byUse.RemoveLast();
            _entries.Remove(oldest.Value.Key);
            _bytes -= oldest.Value.Bytes;
            _evictions++;
            if (GrammarOf(oldest.Value) is not { } grammar) continue;
            _renewalsGone += grammar.Renewals;
            grammar.Release();
        }
    }

    private static string KeyOf(GrammarSpec spec, bool bestEffort) => bestEffort ? $"{spec.Hash} best effort" : spec.Hash;

    public void Dispose() => _compiles.Dispose();
}
