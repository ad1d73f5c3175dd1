using System.Globalization;
using System.Text.Encodings.Web;

namespace Cluster.Dashboard.Pages;

/// <summary>The little HTML that pages share; every value passes <see cref="Text(string)"/>.</summary>
internal static class Html
{
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

    /// <summary>A whole page: head, navigation, content.</summary>
    public static string Page(string title, string current, string content) => $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{Text(title)}} · Cluster</title>
        <link rel="stylesheet" href="/admin/assets/dashboard.css">
        <script src="/admin/assets/dashboard.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#content">Skip to content</a>
        <header>
        <strong>Cluster</strong>
        <nav aria-label="Pages">{{Link("/admin", "Overview", current)}}{{Link("/admin/playground", "Playground", current)}}</nav>
        </header>
        <main id="content">
        <h1>{{Text(title)}}</h1>
        {{content}}
        </main>
        </body>
        </html>
        """;

    private static string Link(string path, string name, string current)
        => $"""<a href="{path}"{(path == current ? " aria-current=\"page\"" : "")}>{name}</a>""";
}
