namespace Cluster.Dashboard.Pages;

/// <summary>The settings in force and where each comes from; secrets are masked.</summary>
internal static class ConfigurationPage
{
    public static string Render(ISettingsView settings) => Html.Table(["Setting", "Value", "From"],
        settings.Settings.Select(setting => Html.Row($"<code>{Html.Text(setting.Name)}</code>", $"<code>{Html.Text(setting.Value)}</code>", setting.Source.Length > 0 ? Html.Text(setting.Source) : "default")), "No setting.");
}
