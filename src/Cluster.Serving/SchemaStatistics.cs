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
/// <param name="Report">What compiling found out.</param>
/// <param name="Lookups">Times that the compiled grammar was asked for, at the edge and by replicas in this process.</param>
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
    string Hash, GrammarKind Kind, GrammarReport Report, long Lookups, long Sequences, long ForceClosed, long Tokens, long ForcedTokens, long Masks, TimeSpan MaskTime,
    string Name, long Choices, double PressureSum, ImmutableArray<long> MaskBuckets);

/// <summary>What each schema costs and how often it is used; bounded, never the schema's text or a document.</summary>
public sealed class SchemaStatistics(SchemaStatisticsOptions options)
{
    private sealed class Entry(GrammarSpec spec)
    {
        public readonly GrammarSpec Spec = spec;
        public readonly long[] MaskBuckets = new long[SequenceWork.MaskBounds.Length + 1];
        public string Hash = "";

        // Weak, because what is remembered about a schema must not keep its tables.
        public WeakReference<CompiledGrammar>? Grammar;
        public GrammarReport? Report;
        public string Name = "";
        public long Lookups, Sequences, ForceClosed, Tokens, ForcedTokens, Masks, Choices;
        public double PressureSum;
        public TimeSpan MaskTime;
    }

    private readonly Lock _gate = new();
    private readonly Dictionary<GrammarSpec, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private readonly Dictionary<string, long> _refusals = new(StringComparer.Ordinal);

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
            (entry.Hash, entry.Grammar, entry.Report) = (result.Grammar.Hash, new WeakReference<CompiledGrammar>(result.Grammar), result.Grammar.Report);
            entry.Lookups++;
        }
    }

    /// <summary>A choice under this grammar ended: what its caller calls it, and what the constraint did. Kept where the grammar is remembered.</summary>
    public void Constrained(GrammarSpec spec, string? name, ConstraintWork work)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(spec, out LinkedListNode<Entry>? node)) return;
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
    public IReadOnlyList<SchemaUse> Snapshot()
    {
        lock (_gate)
        {
            return [.. _byUse.Where(entry => entry.Report is not null).OrderByDescending(entry => entry.Lookups).Select(entry => new SchemaUse(
                entry.Hash, entry.Spec.Kind, ReportOf(entry), entry.Lookups, entry.Sequences, entry.ForceClosed, entry.Tokens, entry.ForcedTokens,
                entry.Masks, entry.MaskTime, entry.Name, entry.Choices, entry.PressureSum, [.. entry.MaskBuckets]))];
        }
    }

    /// <summary>What compiling found out, with the memory that the grammar holds now.</summary>
    private static GrammarReport ReportOf(Entry entry)
        => entry.Grammar!.TryGetTarget(out CompiledGrammar? grammar) ? entry.Report! with { Bytes = grammar.Bytes } : entry.Report!;

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
        if (_entries.TryGetValue(spec, out LinkedListNode<Entry>? node))
        {
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value;
        }
        if (_entries.Count >= options.SchemasMax)
        {
            _entries.Remove(_byUse.Last!.Value.Spec);
            _byUse.RemoveLast();
        }
        var entry = new Entry(spec);
        _entries[spec] = _byUse.AddFirst(entry);
        return entry;
    }
}
