namespace Cluster.Host.Configuration;

/// <summary>What may stand on the command line of a server: settings as <c>--Section:Name value</c>, and where it listens.</summary>
public static class CommandLine
{
    public const string Usage = """
        usage: Cluster.Host [--urls http://127.0.0.1:8080] [--Section:Name value …]   serve
               Cluster.Host keys new NAME                                             make an API key
               Cluster.Host certificate FOLDER                                        make a certificate for trying
               Cluster.Host config check|show [--Section:Name value …]                look at the settings
               Cluster.Host config schema settings|models                             the JSON schemas of the settings
               Cluster.Host fingerprint FOLDER [GRAPH]                                the fingerprint of a model
        """;

    /// <summary>Of the web host itself, beside <c>urls</c>; its tests set them.</summary>
    private static readonly string[] HostNames = ["urls", "environment", "contentRoot", "applicationName", "Logging"];

    public static bool AsksForHelp(string[] args) => args is ["--help" or "-h" or "-?" or "help", ..];

    /// <summary>What would be read as nothing at all: words that are no setting, settings without a value or of no section.</summary>
    public static IEnumerable<string> FaultsOf(string[] args)
    {
        for (int i = 0; i < args.Length; i++)
        {
            string argument = args[i];
            int start = argument.StartsWith("--", StringComparison.Ordinal) ? 2 : argument.StartsWith('/') ? 1 : 0;
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 && start == 0)
            {
                yield return $"'{argument}' is neither a command nor a setting (--help lists them)";
                continue;
            }
            string name = equals < 0 ? argument[start..] : argument[start..equals];
            string section = name.Split(':')[0];
            if (!HostNames.Contains(section, StringComparer.OrdinalIgnoreCase)
                && !SettingsTree.Sections.Any(one => one.Path.Split(':')[0].Equals(section, StringComparison.OrdinalIgnoreCase)))
            {
                yield return $"'{argument}' is not a setting (--urls, --Section:Name; --help lists the commands)";
            }
            if (equals >= 0) continue;
            if (++i == args.Length) yield return $"'{argument}' has no value";
        }
    }
}
