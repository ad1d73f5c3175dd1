using System.Globalization;
using Cluster.Serving;

namespace Cluster.Dashboard.Pages;

/// <summary>Rates, times, queues at a glance. The live part of each page is rendered here too and pushed whole, so that there is one renderer.</summary>
internal static class OverviewPage
{
    /// <summary>The part that is replaced every second.</summary>
    public static string RenderLive(ClusterSnapshot snapshot) => $$"""
        <dl class="tiles">
        {{Html.Tile("Requests a second", Rate(snapshot.Recent.RequestsPerSecond))}}
        {{Html.Tile("Tokens a second", Rate(snapshot.Recent.TokensPerSecond))}}
        {{Html.Tile("First token, p50 / p95", Times(snapshot.Recent.FirstToken))}}
        {{Html.Tile("Between tokens, p50 / p95", Times(snapshot.Recent.InterToken))}}
        {{Html.Tile("Errors, last minute", Html.Number(snapshot.Recent.Errors))}}
        {{Html.Tile("Running", Html.Number(snapshot.Replicas.Sum(one => one.RunningSequences)))}}
        {{Html.Tile("Waiting", Html.Number(snapshot.Replicas.Sum(one => one.WaitingSequences)))}}
        {{Html.Tile("Ready replicas", $"{snapshot.Replicas.Count(one => one.Health == ReplicaHealth.Ready)} of {snapshot.Replicas.Count}")}}
        {{Html.Tile("Grammars", Html.Number(snapshot.Grammars.Entries))}}
        {{Html.Tile("Up for", Html.Duration(snapshot.Uptime))}}
        </dl>
        <div class="charts">{{Chart.Render("Requests in each second", snapshot.Recent.Requests)}}{{Chart.Render("Tokens in each second", snapshot.Recent.Tokens)}}</div>
        {{ReplicasPage.Table(snapshot)}}
        """;

    private static string Rate(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Times((double P50, double P95)? times) => times is { } known ? $"{Html.Milliseconds(known.P50)} / {Html.Milliseconds(known.P95)}" : "–";
}
