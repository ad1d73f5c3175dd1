namespace Cluster.OpenAI.Access;

/// <summary>The sites whose pages may call the API from their visitors' browsers: <see cref="AccessOptions.AllowedOrigins"/>, read.</summary>
public sealed class AllowedOrigins(string origins)
{
    private readonly HashSet<string> _origins = new(origins.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), StringComparer.OrdinalIgnoreCase);

    public bool IsEmpty => _origins.Count == 0;

    /// <param name="origin">As in the header of that name; empty where a request has none.</param>
    public bool Allows(string origin) => origin.Length > 0 && (_origins.Contains("*") || _origins.Contains(origin));
}
