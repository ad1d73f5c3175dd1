namespace Cluster.Grammar.Automata.Formats;

/// <summary>The encodings of RFC 4648 as <c>contentEncoding</c> names them: what an encoder writes, so unused bits are zero.</summary>
internal static class ContentEncodings
{
    public static StringLanguage? Find(string name) => name switch
    {
        "base64" => FormatCatalogue.Whole("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?"),
        "base64url" => FormatCatalogue.Whole("(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw](?:==)?|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048]=?)?"),
        "base32" => FormatCatalogue.Whole("(?:[A-Z2-7]{8})*(?:[A-Z2-7][AEIMQUY4]={6}|[A-Z2-7]{3}[AQ]={4}|[A-Z2-7]{4}[ACEGIKMOQSUWY246]={3}|[A-Z2-7]{6}[AIQY]=)?"),
        "base16" => FormatCatalogue.Whole("(?:[0-9A-F]{2})*"),
        _ => null,
    };
}
