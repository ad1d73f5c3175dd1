using System.Globalization;
using System.Text.Encodings.Web;

namespace Cluster.Dashboard.Pages;

/// <summary>The little HTML that pages share; every value passes <see cref="Text(string)"/>.</summary>
internal static class Html
{
    public const string ContentType = "text/html; charset=utf-8";

    public static string Text(string value) => HtmlEncoder.Default.Encode(value);

    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Bytes(long value) => value switch
    {
        < 1 << 10 => $"{value} B",
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{value / 1024.0:0.0} KiB"),
        < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{value / 1048576.0:0.0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value / 1073741824.0:0.00} GiB"),
    };

    public static string Duration(TimeSpan value)
        => value.TotalDays >= 1 ? $"{(int)value.TotalDays} d {value.Hours} h" : value.TotalHours >= 1 ? $"{value.Hours} h {value.Minutes} min" : $"{value.Minutes} min {value.Seconds} s";

    public static string Milliseconds(double value) => value < 10 ? string.Create(CultureInfo.InvariantCulture, $"{value:0.0} ms") : $"{Number((long)value)} ms";

    public static string Microseconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} µs");

    public static string Tile(string name, string value) => $"<div><dt>{name}</dt><dd>{value}</dd></div>";

    /// <summary>A table that scrolls by itself where the screen is narrow. A column (and a cell) that begins with <c>#</c> holds numbers.</summary>
    public static string Table(IReadOnlyList<string> columns, IEnumerable<string> rows, string ifEmpty)
    {
        string body = string.Concat(rows);
        return body.Length == 0
            ? $"<p>{Text(ifEmpty)}</p>"
            : $"""
               <div class="scroll" tabindex="0" role="region" aria-label="{Text(columns[0].TrimStart('#'))} table"><table><thead><tr>{string.Concat(columns.Select(column => column.StartsWith('#') ? $"<th scope=\"col\" class=\"n\">{Text(column[1..])}</th>" : $"<th scope=\"col\">{Text(column)}</th>"))}</tr></thead>
               <tbody>{body}</tbody></table></div>
               """;
    }

    /// <summary>One row; the cells are HTML. The first names it.</summary>
    public static string Row(params IReadOnlyList<string> cells) => $"<tr><th scope=\"row\">{cells[0]}</th>{string.Concat(cells.Skip(1).Select(cell => cell.StartsWith('#') ? $"<td class=\"n\">{cell[1..]}</td>" : $"<td>{cell}</td>"))}</tr>";

    /// <summary>A name of the code as words: <c>OtherVersion</c> is "Other version".</summary>
    public static string Words(string name) => string.Concat(name.Select((letter, index) => index > 0 && char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{letter}"));

    /// <summary>What was done a moment ago; nothing where nothing was.</summary>
    public static string Done(string? what) => what is not { Length: > 0 and <= 600 } ? "" : $"<p role=\"status\" class=\"done\">Asked for: {Text(what)}.</p>";

    /// <summary>A part of a page that is replaced by what the server pushes.</summary>
    public static string Live(string events, string content) => $"""<div id="live" data-events="{events}" aria-live="off">{content}</div>""";

    private static IReadOnlyList<(string Path, string Name)> Pages { get; } =
    [
        ("/admin", "Overview"), ("/admin/replicas", "Models & replicas"), ("/admin/requests", "Requests"), ("/admin/grammars", "Grammars"), ("/admin/silos", "Silos"),
        ("/admin/playground", "Playground"), ("/admin/configuration", "Configuration"),
    ];

    /// <summary>A whole page: head, navigation, content.</summary>
    public static string Page(string title, string current, string content) => $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{Text(title)}} · Cluster</title>
        <link rel="icon" href="/admin/assets/icon.svg">
        <link rel="stylesheet" href="/admin/assets/dashboard.css">
        <script src="/admin/assets/dashboard.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#content">Skip to content</a>
        <header>
        <strong>Cluster</strong>
        <nav aria-label="Pages">{{string.Concat(Pages.Select(page => Link(page.Path, page.Name, current)))}}</nav>
        </header>
        <main id="content">
        <h1>{{Text(title)}}</h1>
        {{content}}
        </main>
        </body>
        </html>
        """;

    private static string Link(string path, string name, string current)
        => $"""<a href="{path}"{(path == current ? " aria-current=\"page\"" : "")}>{Text(name)}</a>""";
}
