using Cluster.Serving;

namespace Cluster.Dashboard.Pages;

/// <summary>Replicas, queues, grammars at a glance. The live part is rendered here too and pushed whole, so that there is one renderer.</summary>
internal static class OverviewPage
{
    public static string Render(ClusterSnapshot snapshot)
        => Html.Page("Overview", "/admin", $"""<div id="live" data-events="/admin/events" aria-live="off">{RenderLive(snapshot)}</div>""");

    /// <summary>The part that is replaced every second.</summary>
    public static string RenderLive(ClusterSnapshot snapshot) => $$"""
        <dl class="tiles">
        {{Tile("Running", Html.Number(snapshot.Replicas.Sum(one => one.RunningSequences)))}}
        {{Tile("Waiting", Html.Number(snapshot.Replicas.Sum(one => one.WaitingSequences)))}}
        {{Tile("Ready replicas", $"{snapshot.Replicas.Count(one => one.Health == ReplicaHealth.Ready)} of {snapshot.Replicas.Count}")}}
        {{Tile("Grammars", Html.Number(snapshot.Grammars.Entries))}}
        {{Tile("Up for", Html.Duration(snapshot.Uptime))}}
        </dl>
        <section aria-labelledby="replicas"><h2 id="replicas">Replicas</h2>
        <table><thead><tr><th scope="col">Replica</th><th scope="col">State</th><th scope="col">Device</th><th scope="col">Silo</th><th scope="col" class="n">Slots</th><th scope="col" class="n">Waiting</th><th scope="col" class="n">Tokens ahead</th></tr></thead>
        <tbody>{{string.Concat(snapshot.Replicas.OrderBy(one => one.Id, StringComparer.Ordinal).Select(Row))}}</tbody></table></section>
        <section aria-labelledby="models"><h2 id="models">Models</h2>
        <table><thead><tr><th scope="col">Model</th><th scope="col" class="n">Context</th><th scope="col" class="n">Vocabulary</th><th scope="col">Sees its schema</th></tr></thead>
        <tbody>{{string.Concat(snapshot.Models.Select(Row))}}</tbody></table></section>
        <section aria-labelledby="grammars"><h2 id="grammars">Compiled grammars</h2>
        <table><thead><tr><th scope="col" class="n">Held</th><th scope="col" class="n">Memory</th><th scope="col" class="n">Hits</th><th scope="col" class="n">Compiles</th><th scope="col" class="n">Evicted</th></tr></thead>
        <tbody><tr><td class="n">{{Html.Number(snapshot.Grammars.Entries)}}</td><td class="n">{{Html.Bytes(snapshot.Grammars.Bytes)}}</td><td class="n">{{Html.Number(snapshot.Grammars.Hits)}}</td><td class="n">{{Html.Number(snapshot.Grammars.Compiles)}}</td><td class="n">{{Html.Number(snapshot.Grammars.Evictions)}}</td></tr></tbody></table></section>
        """;

    private static string Tile(string name, string value) => $"<div><dt>{name}</dt><dd>{value}</dd></div>";

    private static string Row(ReplicaSnapshot replica) => $"""
        <tr><th scope="row">{Html.Text(replica.Id)}</th><td><span class="state {replica.Health.ToString().ToLowerInvariant()}">{replica.Health}</span></td><td>{Html.Text(replica.Device)}</td><td>{Html.Text(replica.Silo)}</td>
        <td class="n"><meter min="0" max="{Math.Max(1, replica.SlotsMax)}" value="{replica.SlotsUsed}" aria-label="slots in use"></meter> {replica.SlotsUsed} / {replica.SlotsMax}</td><td class="n">{Html.Number(replica.WaitingSequences)}</td><td class="n">{Html.Number(replica.OutstandingTokens)}</td></tr>
        """;

    private static string Row(ServedModel model) => $"""
        <tr><th scope="row">{Html.Text(model.Id)}</th><td class="n">{Html.Number(model.ContextLength)}</td><td class="n">{Html.Number(model.Tokenizer.Vocabulary.Size)}</td><td>{(model.InjectSchema ? "yes" : "no")}</td></tr>
        """;
}
