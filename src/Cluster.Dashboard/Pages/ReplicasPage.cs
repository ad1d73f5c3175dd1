using System.Globalization;
using Cluster.Serving;

namespace Cluster.Dashboard.Pages;

/// <summary>Models and the replicas that run them, and what can be done with them.</summary>
internal static class ReplicasPage
{
    public static string RenderLive(ClusterSnapshot snapshot) => $"""
        <section aria-labelledby="models"><h2 id="models">Models</h2>
        {Html.Table(["Model", "State", "#Ready replicas", "#Slots", "#Context", "#Vocabulary", "Sees its schema", "Fingerprint", "Actions"], snapshot.States.Select(Row), "No model.")}</section>
        {Table(snapshot, hasActions: true)}
        {SilosPage.Table(snapshot)}
        """;

    /// <param name="snapshot">The cluster now.</param>
    /// <param name="hasActions">With links to what can be done.</param>
    public static string Table(ClusterSnapshot snapshot, bool hasActions = false)
    {
        string[] columns = ["Replica", "State", "Device", "Silo", "#Slots", "#Cache", "#Prefix hits", "#Waiting", "#Tokens ahead"];
        return $"""
            <section aria-labelledby="replicas"><h2 id="replicas">Replicas</h2>
            {Html.Table(hasActions ? [.. columns, "Actions"] : columns, snapshot.Replicas.OrderBy(one => one.Id, StringComparer.Ordinal).Select(replica => Row(replica, hasActions)), "No replica.")}</section>
            """;
    }

    private static string Row(ReplicaSnapshot replica, bool hasActions)
    {
        string[] cells =
        [
            Html.Text(replica.Id), $"<span class=\"state {replica.Health.ToString().ToLowerInvariant()}\">{replica.Health}</span>{Problem(replica.Problem)}", Html.Text(replica.Device), Html.Text(replica.Silo),
            $"#<meter min=\"0\" max=\"{Math.Max(1, replica.SlotsMax)}\" value=\"{replica.SlotsUsed}\" aria-label=\"slots of {Html.Text(replica.Id)} in use\"></meter> {replica.SlotsUsed} / {replica.SlotsMax}",
            $"#{Share(replica.CacheTokensUsed, replica.CacheTokensMax)}", $"#{Share(replica.CachedPromptTokens, replica.PromptTokens)}",
            $"#{Html.Number(replica.WaitingSequences)}", $"#{Html.Number(replica.OutstandingTokens)}",
        ];
        return Html.Row(hasActions ? [.. cells, ActionPage.Links(replica.Id, "replace")] : cells);
    }

    private static string Row(ModelState state)
    {
        ServedModel model = state.Model;
        bool isLoaded = state.Replicas.Count > 0;
        return Html.Row(
            Html.Text(model.Id), $"<span class=\"state {state.Condition.ToString().ToLowerInvariant()}\">{Html.Words(state.Condition.ToString())}</span>{Problem(state.Problem)}",
            $"#{state.Ready}", $"#{Html.Number(state.Replicas.Sum(replica => replica.SlotsMax))}", $"#{Html.Number(model.ContextLength)}",
            $"#{Html.Number(model.Tokenizer.Vocabulary.Size)}", model.InjectSchema ? "yes" : "no", $"<code>{Html.Text(model.Fingerprint[..Math.Min(12, model.Fingerprint.Length)])}</code>",
            ActionPage.Links(model.Id, "scale", isLoaded ? "unload" : "load"));
    }

    private static string Problem(string problem) => problem.Length == 0 ? "" : $"<br><small>{Html.Text(problem)}</small>";

    private static string Share(long part, long whole) => whole == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{(double)part / whole:0 %}");
}
