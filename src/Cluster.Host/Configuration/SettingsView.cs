using Cluster.Dashboard;

namespace Cluster.Host.Configuration;

/// <summary>The settings that this process was started with, for the configuration page.</summary>
public sealed class SettingsView(IConfiguration configuration) : ISettingsView
{
    public IReadOnlyList<ShownSetting> Settings
        => [.. EffectiveSettings.Of((IConfigurationRoot)configuration).Select(setting => new ShownSetting(setting.Path, setting.Value, setting.Source))];
}
