using Cluster.Serving;

namespace Cluster.Dashboard.Pages;

/// <summary>The processes of the cluster, as far as this one knows them.</summary>
internal static class SilosPage
{
    public static string RenderLive(ClusterSnapshot snapshot) => $"""
        <dl class="tiles">
        {Html.Tile("This process", Html.Text(Environment.MachineName))}{Html.Tile("Memory", Html.Bytes(Environment.WorkingSet))}{Html.Tile("Managed heap", Html.Bytes(GC.GetTotalMemory(forceFullCollection: false)))}
        {Html.Tile("Processors", Html.Number(Environment.ProcessorCount))}{Html.Tile("Up for", Html.Duration(snapshot.Uptime))}
        </dl>
        {Table(snapshot)}
        {string.Concat(snapshot.Links.Select(link => $"<p><a href=\"{link.Address}\">{Html.Text(link.Name)}</a></p>"))}
        """;

    public static string Table(ClusterSnapshot snapshot) => $"""
        <section aria-labelledby="silos"><h2 id="silos">Silos</h2>
        {Html.Table(["Silo", "State", "Role", "#Replicas", "#Ready", "Devices", "#Running", "#Waiting", "Actions"], snapshot.Silos.OrderBy(silo => silo.Silo, StringComparer.Ordinal).Select(silo => Row(snapshot, silo)), "No silo is known.")}</section>
        """;

    private static string Row(ClusterSnapshot snapshot, SiloState silo)
    {
        ReplicaSnapshot[] replicas = [.. snapshot.Replicas.Where(replica => replica.Silo == silo.Silo)];
        return Html.Row(
            Html.Text(silo.Silo), silo.IsDrained ? "<span class=\"state draining\">Drained</span>" : Html.Text(silo.Status), Html.Text(silo.Role), $"#{replicas.Length}",
            $"#{replicas.Count(replica => replica.Health == ReplicaHealth.Ready)}", Html.Text(string.Join(", ", replicas.Select(replica => replica.Device))),
            $"#{Html.Number(replicas.Sum(replica => replica.RunningSequences))}", $"#{Html.Number(replicas.Sum(replica => replica.WaitingSequences))}",
            ActionPage.Links(silo.Silo, silo.IsDrained ? "resume" : "drain"));
    }
}
