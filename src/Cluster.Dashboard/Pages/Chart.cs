using System.Globalization;

namespace Cluster.Dashboard.Pages;

/// <summary>A small chart of whole numbers over the last two minutes, drawn as SVG and told in words.</summary>
internal static class Chart
{
    private const int Height = 60;

    public static string Render(string title, IReadOnlyList<int> values)
    {
        int most = Math.Max(1, values.Max());
        string points = string.Join(' ', values.Select((value, x) => string.Create(CultureInfo.InvariantCulture, $"{x},{Height - ((double)value / most * Height):0.#}")));
        return $"""
            <figure><figcaption>{Html.Text(title)}, at most {Html.Number(values.Max())}</figcaption>
            <svg viewBox="0 0 {values.Count - 1} {Height}" preserveAspectRatio="none" role="img" aria-label="{Html.Text(title)} over the last two minutes, at most {Html.Number(values.Max())}"><polyline points="{points}"></polyline></svg></figure>
            """;
    }
}
