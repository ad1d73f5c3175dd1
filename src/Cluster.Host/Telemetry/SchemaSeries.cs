using Cluster.Serving;

namespace Cluster.Host.Telemetry;

/// <summary>
/// The counters of schemas as time series: the most used schemas by themselves, all others as one. Bounded however many schemas there were, and
/// no series ever goes down while it is told.
/// </summary>
/// <remarks>
/// The set changes while the server runs. Two simpler ways give wrong rates: a sum over all that are not shown falls when one of them becomes
/// shown, which Prometheus takes for a restart; and a schema that is shown with all its past was counted among the others before. So each reading
/// gives only what has come since the last one, to the schema's own series or to that of the others, and what was given stays where it is.
/// </remarks>
internal sealed class SchemaSeries(SchemaStatistics statistics)
{
    private readonly Lock _gate = new();
    private Dictionary<string, SchemaCounts> _own = new(StringComparer.Ordinal);
    private Dictionary<string, SchemaCounts> _last = new(StringComparer.Ordinal);
    private SchemaCounts _lastTotal, _others;

    /// <summary>The shown schemas by hash, the most used first; and the others, null as long as there were none.</summary>
    public (IReadOnlyList<(string Hash, SchemaCounts Counts)> Shown, SchemaCounts? Others) Read()
    {
        lock (_gate)
        {
            IReadOnlyList<SchemaUse> all = statistics.Snapshot(out SchemaCounts total);
            SchemaCounts rest = total - _lastTotal;
            var own = new Dictionary<string, SchemaCounts>(StringComparer.Ordinal);
            var shown = new List<(string, SchemaCounts)>();
            // Of two that are used as much, the one that is shown stays.
            foreach (SchemaUse use in all.OrderByDescending(use => use.Counts.Lookups).ThenByDescending(use => _own.ContainsKey(use.Hash)).Take(statistics.Options.SchemasShown))
            {
                // Fewer than before: it was forgotten meanwhile and began anew.
                SchemaCounts before = _last.GetValueOrDefault(use.Hash);
                SchemaCounts growth = use.Counts.Lookups < before.Lookups ? use.Counts : use.Counts - before;
                rest -= growth;
                own[use.Hash] = _own.GetValueOrDefault(use.Hash) + growth;
                shown.Add((use.Hash, own[use.Hash]));
            }
            // Sums of fractions differ in their last digit by the order of the terms.
            _others += rest with { PressureSum = Math.Max(0, rest.PressureSum) };
            _own = own;
            _last = all.ToDictionary(use => use.Hash, use => use.Counts, StringComparer.Ordinal);
            _lastTotal = total;
            return (shown, _others.Lookups > 0 || _others.Sequences > 0 ? _others : null);
        }
    }
}
