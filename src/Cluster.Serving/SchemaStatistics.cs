using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Cluster.Decoding;
using Cluster.Grammar;

namespace Cluster.Serving;

/// <summary>Bounds of what is remembered about schemas.</summary>
public sealed record SchemaStatisticsOptions
{
    public const string Section = "Telemetry:Schemas";

    /// <summary>Schemas remembered; the longest unused is forgotten first.</summary>
    [Range(1, 100_000)]
    public int SchemasMax { get; init; } = 512;

    /// <summary>Schemas that are metrics of their own, the most used first; the others are summed up as <c>other</c>.</summary>
    /// <remarks>Each is about eight time series.</remarks>
    [Range(0, 1000)]
    public int SchemasShown { get; init; } = 20;

    /// <summary>Different keywords counted among refusals.</summary>
    [Range(1, 10_000)]
    public int KeywordsMax { get; init; } = 128;
}

/// <summary>One schema's use so far.</summary>
/// <param name="Hash">Of the compiled grammar.</param>
/// <param name="Grammar">The grammar itself, with its keyword report; null once nothing uses it and the cache has dropped it.</param>
/// <param name="Fuel">Work that compiling took, in engine operations.</param>
/// <param name="States">Automaton states when it was last seen.</param>
/// <param name="Bytes">Its estimated memory then.</param>
/// <param name="Lookups">Times that the compiled grammar was asked for, at the edge and by replicas in this process.</param>
/// <param name="Compiles">Of them, those for which it was compiled, first or anew; the others found it in the cache.</param>
/// <param name="Sequences">Sequences that ended under it.</param>
/// <param name="ForceClosed">Of them, those closed early by the budget.</param>
/// <param name="Tokens">Emitted under it, counted where the sequence ended.</param>
/// <param name="ForcedTokens">Of them, those without a choice.</param>
/// <param name="Masks">Masks computed.</param>
/// <param name="MaskTime">Time that they took.</param>
/// <param name="Name">What its callers called it last; empty where nobody did.</param>
/// <param name="Choices">Tokens that were chosen under a mask and whose pressure was measured.</param>
/// <param name="PressureSum">Sum of their pressure: how much of the model's own probability the mask took away, 0 to 1 each.</param>
/// <param name="MaskBuckets">As in <see cref="SequenceWork.MaskBuckets"/>.</param>
public sealed record SchemaUse(
    string Hash, GrammarKind Kind, CompiledGrammar? Grammar, long Fuel, int States, long Bytes, long Lookups, long Compiles, long Sequences, long ForceClosed, long Tokens, long ForcedTokens, long Masks, TimeSpan MaskTime,
    string Name, long Choices, double PressureSum, ImmutableArray<long> MaskBuckets)
{
    public SchemaCounts Counts => new(Lookups, Compiles, Sequences, ForceClosed, Tokens, ForcedTokens, Masks, MaskTime, Choices, PressureSum);
}

/// <summary>What each schema costs and how often it is used; bounded, never the schema's text or a document.</summary>
/// <remarks>Grammars are held weakly: what the cache has dropped must be free to go, however often it was used.</remarks>
public sealed class SchemaStatistics(SchemaStatisticsOptions options)
{
    private sealed class Entry(string hash, GrammarKind kind)
    {
        public readonly string Hash = hash;
        public readonly GrammarKind Kind = kind;
        public readonly long[] MaskBuckets = new long[SequenceWork.MaskBounds.Length + 1];
        public WeakReference<CompiledGrammar>? Grammar;
        public long Fuel, Bytes;
        public int States;
        public string Name = "";
        public long Lookups, Compiles, Sequences, ForceClosed, Tokens, ForcedTokens, Masks, Choices;
        public double PressureSum;
        public TimeSpan MaskTime;

        public SchemaCounts Counts => new(Lookups, Compiles, Sequences, ForceClosed, Tokens, ForcedTokens, Masks, MaskTime, Choices, PressureSum);

        public CompiledGrammar? Look()
        {
            if (!Grammar!.TryGetTarget(out CompiledGrammar? grammar)) return null;
            (Fuel, States, Bytes) = (grammar.Report.Fuel, grammar.Report.States, grammar.Bytes);
            return grammar;
        }
    }

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byUse = new();
    private readonly Dictionary<string, long> _refusals = new(StringComparer.Ordinal);
    private SchemaCounts _forgotten;

    public SchemaStatisticsOptions Options => options;

    /// <summary>Somebody asked for this grammar.</summary>
    public void Compiled(GrammarSpec spec, CompileResult result)
    {
        lock (_gate)
        {
            if (result.Grammar is null)
            {
                foreach (string keyword in result.Rejections.Select(rejection => rejection.Keyword).Distinct()) CountRefusal(keyword);
                return;
            }
            Entry entry = Touch(spec);
            if (entry.Grammar is null || !entry.Grammar.TryGetTarget(out CompiledGrammar? known) || known != result.Grammar)
            {
                entry.Grammar = new WeakReference<CompiledGrammar>(result.Grammar);
                entry.Compiles++;
            }
            entry.Lookups++;
            entry.Look();
        }
    }

    /// <summary>A choice under this grammar ended: what its caller calls it, and what the constraint did. Kept where the grammar is remembered.</summary>
    public void Constrained(GrammarSpec spec, string? name, ConstraintWork work)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(spec.Hash, out LinkedListNode<Entry>? node)) return;
            Entry entry = node.Value;
            entry.Name = name ?? entry.Name;
            entry.Choices += work.Choices;
            entry.PressureSum += work.PressureSum;
        }
    }

    /// <summary>A sequence under this grammar ended.</summary>
    public void Ended(GrammarSpec spec, SequenceDelta last)
    {
        lock (_gate)
        {
            Entry entry = Touch(spec);
            entry.Sequences++;
            if (last.Finish == FinishReason.ForceClosed) entry.ForceClosed++;
            entry.Tokens += last.Position + last.Tokens.Length;
            if (last.Work is not { } work) return;
            entry.ForcedTokens += work.ForcedTokens;
            entry.Masks += work.Masks;
            entry.MaskTime += work.MaskTime;
            for (int i = 0; i < work.MaskBuckets.Length && i < entry.MaskBuckets.Length; i++) entry.MaskBuckets[i] += work.MaskBuckets[i];
        }
    }

    /// <summary>The schemas remembered, the most used first.</summary>
    public IReadOnlyList<SchemaUse> Snapshot() => Snapshot(out _);

    /// <inheritdoc cref="Snapshot()"/>
    /// <param name="total">The sums over these and all that were forgotten.</param>
    public IReadOnlyList<SchemaUse> Snapshot(out SchemaCounts total)
    {
        lock (_gate)
        {
            total = _byUse.Aggregate(_forgotten, (sum, entry) => sum + entry.Counts);
            return [.. _byUse.Where(entry => entry.Grammar is not null).OrderByDescending(entry => entry.Lookups).Select(entry => new SchemaUse(
                entry.Hash, entry.Kind, entry.Look(), entry.Fuel, entry.States, entry.Bytes, entry.Lookups, entry.Compiles, entry.Sequences, entry.ForceClosed, entry.Tokens, entry.ForcedTokens,
                entry.Masks, entry.MaskTime, entry.Name, entry.Choices, entry.PressureSum, [.. entry.MaskBuckets]))];
        }
    }

    /// <summary>Refused schemas by the keyword that was to blame.</summary>
    public IReadOnlyDictionary<string, long> Refusals()
    {
        lock (_gate) return new Dictionary<string, long>(_refusals, StringComparer.Ordinal);
    }

    private void CountRefusal(string keyword)
    {
        // Keywords are the caller's words: the bound keeps a hostile one from filling the table.
        string name = keyword.Length == 0 ? "none" : _refusals.ContainsKey(keyword) || _refusals.Count < options.KeywordsMax ? keyword : "other";
        _refusals[name] = _refusals.GetValueOrDefault(name) + 1;
    }

    private Entry Touch(GrammarSpec spec)
    {
        if (_entries.TryGetValue(spec.Hash, out LinkedListNode<Entry>? node))
        {
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value;
        }
        if (_entries.Count >= options.SchemasMax)
        {
            Entry oldest = _byUse.Last!.Value;
            _forgotten += oldest.Counts;
            _entries.Remove(oldest.Hash);
            _byUse.RemoveLast();
        }
        var entry = new Entry(spec.Hash, spec.Kind);
        _entries[spec.Hash] = _byUse.AddFirst(entry);
        return entry;
    }
}
