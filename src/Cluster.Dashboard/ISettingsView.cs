namespace Cluster.Dashboard;

/// <summary>One setting as it is in force; secrets are masked before they get here.</summary>
public sealed record ShownSetting(string Name, string Value, string Source);

/// <summary>The settings, for the configuration page.</summary>
public interface ISettingsView
{
    IReadOnlyList<ShownSetting> Settings { get; }
}
