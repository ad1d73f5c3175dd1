using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using Cluster.Grammar;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Serving.Local;

namespace Cluster.Host.Telemetry;

/// <summary>What this process knows beyond its engines: replicas, grammars, schemas, limits.</summary>
public sealed class ServingMetrics
{
    private const string Other = "other";
    private const int HashCharacters = 12;

    private readonly SchemaStatistics _schemas;

    public ServingMetrics(IMeterFactory meters, IModelCatalogue catalogue, IReplicaDirectory replicas, GrammarCache grammars, SchemaStatistics schemas, ClusterHostOptions options, ReplicaHost? host = null)
    {
        _schemas = schemas;
        Meter meter = meters.Create("Cluster.Serving");
        meter.CreateObservableGauge("cluster.replicas.ready", () => catalogue.Models.Select(model => new Measurement<int>(
            ModelState.Of(model, replicas).Ready, new KeyValuePair<string, object?>("model", model.Id))),
            "{replica}", "Replicas that take requests, as this process sees them");
        meter.CreateObservableGauge("cluster.model.state", () => catalogue.Models.Select(model => new Measurement<int>(
            1, new KeyValuePair<string, object?>("model", model.Id), new KeyValuePair<string, object?>("state", JsonNamingPolicy.SnakeCaseLower.ConvertName(ModelState.Of(model, replicas).Condition.ToString())))),
            null, "Always 1; its label says whether the model can be used: ready, loading, draining, other_version, failed, unloaded");
        if (replicas is RoutedReplicaDirectory routed)
        {
            meter.CreateObservableGauge("cluster.routing.epoch", () => routed.Tables.Select(table => new Measurement<long>(table.Epoch, new KeyValuePair<string, object?>("model", table.ModelId))),
                null, "Number of the life of each model's planner; it grows when another silo takes over");
            meter.CreateObservableCounter("cluster.routing.versions", () => routed.Tables.Select(table => new Measurement<long>(table.Version, new KeyValuePair<string, object?>("model", table.ModelId))),
                "{table}", "Changes of each model's routing table within the epoch");
        }
        if (replicas is LocalFleet fleet)
        {
            meter.CreateObservableGauge("cluster.replicas.retiring", () => fleet.Retiring, "{replica}", "Replicas that were replaced or taken away and serve their last requests");
            meter.CreateObservableCounter("cluster.retire.cut", () => fleet.CutStreams, "{sequence}", "Sequences that were ended because Cluster:Local:RetireMax was over");
        }
        if (host is not null)
        {
            meter.CreateObservableGauge("cluster.replicas.retiring", () => host.Retiring, "{replica}", "Replicas that were replaced or taken away and serve their last requests");
            meter.CreateObservableCounter("cluster.retire.cut", () => host.CutStreams, "{sequence}", "Sequences that were ended because Cluster:Fleet:RetireMs was over");
        }
        meter.CreateObservableGauge("cluster.build.info", () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", VersionText)), null, "Always 1; its labels say which build this is");
        AddGrammars(meter, grammars);
        AddSchemas(meter);
        AddLimits(meter, replicas, grammars, options);
    }

    /// <summary>Which build this is.</summary>
    public static string VersionText
        => typeof(ServingMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static void AddGrammars(Meter meter, GrammarCache grammars)
    {
        meter.CreateObservableGauge("cluster.grammar.cache.entries", () => grammars.Snapshot().Entries, "{grammar}", "Compiled grammars held");
        meter.CreateObservableGauge("cluster.grammar.cache", () => grammars.Snapshot().Bytes, "By", "Their estimated memory");
        meter.CreateObservableGauge("cluster.grammar.shared", () => SharedAutomata.Bytes, "By", "Estimated memory of the automata that all grammars share");
        meter.CreateObservableCounter("cluster.grammar.cache.hits", () => grammars.Snapshot().Hits, "{lookup}", "Look-ups answered without compiling");
        meter.CreateObservableCounter("cluster.grammar.cache.compiles", () => grammars.Snapshot().Compiles, "{compile}", "Compiles begun");
        meter.CreateObservableCounter("cluster.grammar.cache.evictions", () => grammars.Snapshot().Evictions, "{grammar}", "Grammars dropped for space");
        meter.CreateObservableCounter("cluster.grammar.tables.renewals", () => grammars.Snapshot().Renewals, "{renewal}", "Tables of a grammar begun anew for their size");
    }

    private void AddSchemas(Meter meter)
    {
        var series = new SchemaSeries(_schemas);
        Count("lookups", "{lookup}", "Times that the compiled schema was asked for", counts => counts.Lookups);
        Count("compiles", "{compile}", "Of them, those for which it was compiled, first or anew", counts => counts.Compiles);
        Count("sequences", "{sequence}", "Sequences that ended under the schema", counts => counts.Sequences);
        Count("force_closed", "{sequence}", "Documents closed early because the budget was nearly spent", counts => counts.ForceClosed);
        Count("tokens", "{token}", "Tokens emitted under the schema", counts => counts.Tokens);
        Count("forced_tokens", "{token}", "Tokens that the schema left no choice about", counts => counts.ForcedTokens);
        Count("choices", "{token}", "Tokens chosen under a mask whose pressure was measured", counts => counts.Choices);
        Count("pressure", "1", "Sum of their constraint pressure: the share of the model's own probability that the mask took away", counts => counts.PressureSum);
        Count("masks", "{mask}", "Masks computed", counts => counts.Masks);
        Count("mask", "s", "Time that masks took", counts => counts.MaskTime.TotalSeconds);
        meter.CreateObservableGauge("cluster.schema.fuel", () => Shown(use => use.Fuel), "{operation}", "Work that compiling took, in engine operations");
        meter.CreateObservableGauge("cluster.schema.states", () => Shown(use => use.States), "{state}", "Automaton states known so far");
        meter.CreateObservableCounter("cluster.schemas.refused", () => _schemas.Refusals().Select(
            pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>("keyword", pair.Key))), "{schema}", "Refused schemas by keyword");

        void Count(string name, string unit, string help, Func<SchemaCounts, double> value)
            => meter.CreateObservableCounter($"cluster.schema.{name}", () => BySchema(series, value), unit, help);
    }

    private static IEnumerable<Measurement<double>> BySchema(SchemaSeries series, Func<SchemaCounts, double> value)
    {
        (IReadOnlyList<(string Hash, SchemaCounts Counts)> shown, SchemaCounts? others) = series.Read();
        foreach ((string hash, SchemaCounts counts) in shown) yield return new(value(counts), LabelOf(hash[..HashCharacters]));
        if (others is { } rest) yield return new(value(rest), LabelOf(Other));
    }

    private IEnumerable<Measurement<long>> Shown(Func<SchemaUse, long> value)
        => _schemas.Snapshot().Take(_schemas.Options.SchemasShown).Select(use => new Measurement<long>(value(use), LabelOf(use.Hash[..HashCharacters])));

    private static KeyValuePair<string, object?> LabelOf(string schema) => new("schema", schema);

    private static void AddLimits(Meter meter, IReplicaDirectory replicas, GrammarCache grammars, ClusterHostOptions options)
    {
        const string Waiting = "Cluster:WaitingMax", CacheBytes = "Cluster:GrammarCacheBytesMax", SharedBytes = "Cluster:SharedAutomataBytesMax", Slots = "models[].slots";
        meter.CreateObservableGauge("cluster.limit", () => new Measurement<long>[]
        {
            Of(Waiting, (long)options.WaitingMax * replicas.All.Count), Of(CacheBytes, options.GrammarCacheBytesMax), Of(SharedBytes, options.SharedAutomataBytesMax), Of(Slots, replicas.All.Sum(replica => (long)replica.Snapshot.SlotsMax)),
        }, null, "Limits with a level");
        meter.CreateObservableGauge("cluster.limit.used", () => new Measurement<long>[]
        {
            Of(Waiting, replicas.All.Sum(replica => (long)replica.Snapshot.WaitingSequences)), Of(CacheBytes, grammars.Snapshot().Bytes), Of(SharedBytes, SharedAutomata.Bytes), Of(Slots, replicas.All.Sum(replica => (long)replica.Snapshot.SlotsUsed)),
        }, null, "How much of each limit is used");

        static Measurement<long> Of(string limit, long value) => new(value, new KeyValuePair<string, object?>("limit", limit));
    }
}
