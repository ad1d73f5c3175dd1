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
        <section aria-labelledby="silos"><h2 id="silos">Silos with replicas</h2>
        {Html.Table(["Silo", "#Replicas", "#Ready", "Devices", "#Running", "#Waiting"], snapshot.Replicas.GroupBy(replica => replica.Silo, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => Html.Row(Html.Text(group.Key), $"#{group.Count()}", $"#{group.Count(replica => replica.Health == ReplicaHealth.Ready)}",
                Html.Text(string.Join(", ", group.Select(replica => replica.Device))), $"#{Html.Number(group.Sum(replica => replica.RunningSequences))}", $"#{Html.Number(group.Sum(replica => replica.WaitingSequences))}")), "No silo has a replica.")}</section>
        """;
}
