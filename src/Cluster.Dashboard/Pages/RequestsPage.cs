using System.Globalization;
using Cluster.OpenAI;

namespace Cluster.Dashboard.Pages;

/// <summary>Requests that run and the latest that ended; one request's timeline. Never its text.</summary>
internal static class RequestsPage
{
    private const int FinishedShown = 50;

    public static string RenderLive(ClusterSnapshot snapshot) => $"""
        <section aria-labelledby="running"><h2 id="running">Running: {Html.Number(snapshot.Running.Count)}</h2>
        {Html.Table(Columns, snapshot.Running.Select(entry => Row(entry, snapshot.At)), "Nothing runs.")}</section>
        <section aria-labelledby="finished"><h2 id="finished">Latest</h2>
        {Html.Table(Columns, snapshot.Finished.Take(FinishedShown).Select(entry => Row(entry, snapshot.At)), "Nothing has ended yet.")}</section>
        """;

    /// <summary>One request.</summary>
    public static string RenderOne(RequestEntry entry, DateTimeOffset now)
    {
        double end = entry.EndedMs ?? (now - entry.Begun).TotalMilliseconds;
        return $"""
            <dl class="facts">
            {Fact("Request", entry.Id)}{Fact("Endpoint", entry.Endpoint)}{Fact("Began", entry.Begun.ToString("u", CultureInfo.InvariantCulture))}{Fact("Key", entry.Key.Length > 0 ? entry.Key : "–")}
            {Fact("Model", entry.Model.Length > 0 ? entry.Model : "–")}{Fact("Schema", entry.Schema.Length > 0 ? entry.Schema : "none")}
            {Fact("Tokens", $"{Html.Number(entry.PromptTokens)} of the prompt, {Html.Number(entry.Tokens)} generated")}{Fact("End", entry.End.Length > 0 ? $"{entry.Status} {entry.End}" : "running")}
            </dl>
            <section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
            {Html.Table(["Part", "#From", "#Took", "Share"], Parts(entry, end).Select(part => Html.Row(
                Html.Text(part.Name), $"#{Html.Milliseconds(part.From)}", $"#{Html.Milliseconds(part.To - part.From)}",
                $"<meter min=\"0\" max=\"{Math.Max(1, (long)end)}\" value=\"{(long)(part.To - part.From)}\" aria-label=\"share of {Html.Text(part.Name)}\"></meter>")), "")}</section>
            <section aria-labelledby="moves"><h2 id="moves">Moves between replicas</h2>
            {Html.Table(["Left", "#After", "#At token", "Why"], entry.Moves.Select(move => Html.Row(
                Html.Text(move.Replica), $"#{Html.Milliseconds(move.AtMs)}", $"#{Html.Number(move.Tokens)}", Html.Text(move.Reason))), "It stayed where it began.")}</section>
            <p><a href="/admin/requests">All requests</a></p>
            """;
    }

    private static string[] Columns { get; } = ["Request", "Endpoint", "Key", "Model", "Schema", "#Prompt", "#Tokens", "#First token", "#Took", "End"];

    private static IEnumerable<(string Name, double From, double To)> Parts(RequestEntry entry, double end)
    {
        double accepted = entry.AcceptedMs ?? end;
        yield return ("Read, compile the schema, render the prompt", 0, accepted);
        if (entry.AcceptedMs is null) yield break;
        double first = entry.FirstTokenMs ?? end;
        yield return ("Queue and prompt", accepted, first);
        if (entry.FirstTokenMs is not null) yield return ("Tokens", first, end);
    }

    private static string Row(RequestEntry entry, DateTimeOffset now) => Html.Row(
        $"<a href=\"/admin/requests/{Html.Text(entry.Id)}\">{Html.Text(entry.Id[..8])}</a>", Html.Text(entry.Endpoint), Html.Text(entry.Key), Html.Text(entry.Model),
        entry.Schema.Length > 0 ? $"<code>{Html.Text(entry.Schema[..12])}</code>" : "", $"#{Html.Number(entry.PromptTokens)}", $"#{Html.Number(entry.Tokens)}",
        $"#{(entry.FirstTokenMs is { } first ? Html.Milliseconds(first) : "–")}", $"#{Html.Milliseconds(entry.EndedMs ?? (now - entry.Begun).TotalMilliseconds)}",
        entry.End is "" or "ok" ? entry.End : $"<span class=\"state failed\">{Html.Text(entry.End)}</span>");

    private static string Fact(string name, string value) => $"<div><dt>{name}</dt><dd>{Html.Text(value)}</dd></div>";
}
