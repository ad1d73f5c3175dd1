namespace Cluster.Grammar.Schema;

/// <summary>Versions of JSON Schema, oldest first.</summary>
internal enum Dialect { Draft4, Draft6, Draft7, Draft2019, Draft2020 }

internal static class Dialects
{
    /// <summary>The dialect that a <c>$schema</c> URI names; null when it is not known.</summary>
    public static Dialect? FromUri(string uri)
    {
        string name = uri.TrimEnd('#').Replace("https://", "http://", StringComparison.Ordinal);
        return name switch
        {
            "http://json-schema.org/draft-03/schema" or "http://json-schema.org/draft-04/schema" => Dialect.Draft4,
            "http://json-schema.org/draft-06/schema" => Dialect.Draft6,
            "http://json-schema.org/draft-07/schema" => Dialect.Draft7,
            "http://json-schema.org/draft/2019-09/schema" => Dialect.Draft2019,
            "http://json-schema.org/draft/2020-12/schema" or "http://json-schema.org/schema" => Dialect.Draft2020,
            _ => null,
        };
    }
}
