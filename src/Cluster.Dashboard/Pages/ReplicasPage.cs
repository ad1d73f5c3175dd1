using Cluster.Serving;

namespace Cluster.Dashboard.Pages;

/// <summary>Models and the replicas that run them.</summary>
internal static class ReplicasPage
{
    public static string RenderLive(ClusterSnapshot snapshot) => $"""
        {Table(snapshot)}
        <section aria-labelledby="models"><h2 id="models">Models</h2>
        {Html.Table(["Model", "#Ready replicas", "#Slots", "#Context", "#Vocabulary", "Sees its schema", "Fingerprint"], snapshot.Models.Select(model => Row(snapshot, model)), "No model.")}</section>
        """;

    public static string Table(ClusterSnapshot snapshot) => $"""
        <section aria-labelledby="replicas"><h2 id="replicas">Replicas</h2>
        {Html.Table(["Replica", "State", "Device", "Silo", "#Slots", "#Waiting", "#Tokens ahead"], snapshot.Replicas.OrderBy(one => one.Id, StringComparer.Ordinal).Select(Row), "No replica.")}</section>
        """;

    private static string Row(ReplicaSnapshot replica) => Html.Row(
        Html.Text(replica.Id), $"<span class=\"state {replica.Health.ToString().ToLowerInvariant()}\">{replica.Health}</span>", Html.Text(replica.Device), Html.Text(replica.Silo),
        $"#<meter min=\"0\" max=\"{Math.Max(1, replica.SlotsMax)}\" value=\"{replica.SlotsUsed}\" aria-label=\"slots of {Html.Text(replica.Id)} in use\"></meter> {replica.SlotsUsed} / {replica.SlotsMax}",
        $"#{Html.Number(replica.WaitingSequences)}", $"#{Html.Number(replica.OutstandingTokens)}");

    private static string Row(ClusterSnapshot snapshot, ServedModel model)
    {
        ReplicaSnapshot[] replicas = [.. snapshot.Replicas.Where(replica => replica.ModelId == model.Id && replica.Health == ReplicaHealth.Ready)];
        return Html.Row(
            Html.Text(model.Id), $"#{replicas.Length}", $"#{Html.Number(replicas.Sum(replica => replica.SlotsMax))}", $"#{Html.Number(model.ContextLength)}",
            $"#{Html.Number(model.Tokenizer.Vocabulary.Size)}", model.InjectSchema ? "yes" : "no", $"<code>{Html.Text(model.Fingerprint[..Math.Min(12, model.Fingerprint.Length)])}</code>");
    }
}
