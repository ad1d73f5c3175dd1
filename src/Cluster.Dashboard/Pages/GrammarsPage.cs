using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Serving;

namespace Cluster.Dashboard.Pages;

/// <summary>Every schema that is in use: what it costs, what its masks take, what became of its keywords.</summary>
internal static class GrammarsPage
{
    public static string RenderLive(ClusterSnapshot snapshot) => $"""
        <dl class="tiles">
        {Html.Tile("Held", Html.Number(snapshot.Grammars.Entries))}{Html.Tile("Memory", Html.Bytes(snapshot.Grammars.Bytes))}{Html.Tile("Hits", Html.Number(snapshot.Grammars.Hits))}
        {Html.Tile("Compiles", Html.Number(snapshot.Grammars.Compiles))}{Html.Tile("Evicted", Html.Number(snapshot.Grammars.Evictions))}
        </dl>
        <section aria-labelledby="schemas"><h2 id="schemas">Schemas</h2>
        {Html.Table(["Hash", "Name", "Kind", "#Look-ups", "#Compiled", "#Sequences", "#States", "#Memory", "#Fuel", "#Tokens", "#Forced", "#Masks", "#Mask, mean", "#Pressure", "#Closed early"], snapshot.Schemas.Select(Row), "No schema yet.")}</section>
        <section aria-labelledby="refusals"><h2 id="refusals">Refused schemas, by keyword</h2>
        {Html.Table(["Keyword", "#Schemas"], snapshot.Refusals.OrderByDescending(pair => pair.Value).Select(pair => Html.Row(Html.Text(pair.Key), $"#{Html.Number(pair.Value)}")), "None was refused.")}</section>
        """;

    /// <summary>One schema: its masks' times and its keyword report.</summary>
    public static string RenderOne(SchemaUse use) => $"""
        <section aria-labelledby="masks"><h2 id="masks">Time of its masks</h2>
        {Html.Table(["Within", "#Masks", "Share"], use.MaskBuckets.Select((count, bucket) => Html.Row(
            bucket < SequenceWork.MaskBounds.Length ? $"{Html.Number(SequenceWork.MaskBounds[bucket])} µs" : "longer", $"#{Html.Number(count)}",
            $"<meter min=\"0\" max=\"{Math.Max(1, use.Masks)}\" value=\"{count}\" aria-label=\"share of these masks\"></meter>")), "")}</section>
        <section aria-labelledby="keywords"><h2 id="keywords">Keywords</h2>
        {Html.Table(["Place", "Keyword", "What became of it", "Why"], (use.Grammar?.Report.Keywords ?? []).Select(Row), use.Grammar is null ? "The cache has dropped this grammar; its report is here again after its next use." : "This kind of grammar has no keywords.")}</section>
        <p><a href="/admin/grammars">All grammars</a></p>
        """;

    private static string Row(SchemaUse use) => Html.Row(
        $"<a href=\"/admin/grammars/{use.Hash}\"><code>{use.Hash[..12]}</code></a>", Html.Text(use.Name), use.Kind.ToString(), $"#{Html.Number(use.Lookups)}", $"#{Html.Number(use.Compiles)}", $"#{Html.Number(use.Sequences)}",
        $"#{Html.Number(use.States)}", $"#{Html.Bytes(use.Bytes)}", $"#{Html.Number(use.Fuel)}", $"#{Html.Number(use.Tokens)}", $"#{Html.Number(use.ForcedTokens)}",
        $"#{Html.Number(use.Masks)}", $"#{(use.Masks == 0 ? "–" : Html.Microseconds(use.MaskTime.TotalMicroseconds / use.Masks))}", $"#{(use.Choices == 0 ? "–" : $"{100 * use.PressureSum / use.Choices:0} %")}", $"#{Html.Number(use.ForceClosed)}");

    private static string Row(KeywordEntry entry) => Html.Row(
        $"<code>{Html.Text(entry.JsonPointer.Length > 0 ? entry.JsonPointer : "(root)")}</code>", Html.Text(entry.Keyword), entry.Treatment.ToString(), Html.Text(entry.Reason));
}
