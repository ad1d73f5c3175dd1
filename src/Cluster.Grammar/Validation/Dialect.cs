namespace Cluster.Grammar.Validation;

/// <summary>Releases of JSON Schema, oldest first. A keyword that a release does not know says nothing under it.</summary>
internal enum Draft { Draft4, Draft6, Draft7, Draft201909, Draft202012 }

/// <summary>How one schema resource is read.</summary>
/// <param name="Draft">The release.</param>
/// <param name="HasValidation">False under a meta-schema that leaves out the validation vocabulary.</param>
/// <param name="AssertsFormat">True under a meta-schema that names the format-assertion vocabulary.</param>
internal sealed record Dialect(Draft Draft, bool HasValidation = true, bool AssertsFormat = false)
{
    public static readonly Dialect Default = new(Draft.Draft202012);

    /// <summary>Siblings of <c>$ref</c> are ignored.</summary>
    public bool IgnoresRefSiblings => Draft <= Draft.Draft7;

    public string IdKeyword => Draft == Draft.Draft4 ? "id" : "$id";

    /// <summary>The dialect of one of the published meta-schemas; null for any other address.</summary>
    public static Dialect? Published(string uri)
    {
        string address = uri.TrimEnd('#');
        int host = address.IndexOf("://", StringComparison.Ordinal);
        return (host < 0 ? "" : address[(host + 3)..]) switch
        {
            "json-schema.org/draft-04/schema" or "json-schema.org/draft-03/schema" => new Dialect(Draft.Draft4),
            "json-schema.org/draft-06/schema" => new Dialect(Draft.Draft6),
            "json-schema.org/draft-07/schema" => new Dialect(Draft.Draft7),
            "json-schema.org/draft/2019-09/schema" => new Dialect(Draft.Draft201909),
            "json-schema.org/draft/2020-12/schema" => Default,
            _ => null,
        };
    }

    /// <summary>The dialect that a registered meta-schema describes by its <c>$vocabulary</c>.</summary>
    public static Dialect Described(JsonValue metaSchema, Dialect written)
    {
        if (metaSchema.Get("$vocabulary") is not { Kind: JsonKind.Object } vocabulary) return written;
        bool Names(string suffix) => vocabulary.Members.Any(member => member.Name.EndsWith(suffix, StringComparison.Ordinal));
        return written with { HasValidation = Names("/vocab/validation"), AssertsFormat = Names("/vocab/format-assertion") };
    }
}
