namespace Cluster.Grammar.Validation;

/// <summary>
/// The five parts of a URI reference and their resolution, as RFC 3986 section 5.2 says. System.Uri rewrites what it reads
/// (case, ports, escapes) and cannot resolve against a URN; identifiers here must compare as they are written.
/// </summary>
internal readonly record struct UriReference(string? Scheme, string? Authority, string Path, string? Query, string? Fragment)
{
    public static UriReference Parse(string text)
    {
        string? scheme = null, authority = null, query = null, fragment = null;
        int hash = text.IndexOf('#');
        if (hash >= 0) (text, fragment) = (text[..hash], text[(hash + 1)..]);
        int mark = text.IndexOf('?');
        if (mark >= 0) (text, query) = (text[..mark], text[(mark + 1)..]);
        int colon = text.IndexOf(':');
        if (colon > 0 && char.IsAsciiLetter(text[0]) && !text.AsSpan(0, colon).Contains('/')) (scheme, text) = (text[..colon], text[(colon + 1)..]);
        if (text.StartsWith("//", StringComparison.Ordinal))
        {
            int slash = text.IndexOf('/', 2);
            if (slash < 0) slash = text.Length;
            (authority, text) = (text[2..slash], text[slash..]);
        }
        return new UriReference(scheme, authority, text, query, fragment);
    }

    /// <summary>The target of <paramref name="reference"/> seen from <paramref name="baseUri"/>, and its fragment, percent-decoded.</summary>
    public static (string Uri, string Fragment) Resolve(string baseUri, string reference)
    {
        var target = Parse(baseUri).Resolve(Parse(reference));
        return ((target with { Fragment = null }).ToString(), Uri.UnescapeDataString(target.Fragment ?? ""));
    }

    public override string ToString()
        => (Scheme is null ? "" : Scheme + ":") + (Authority is null ? "" : "//" + Authority) + Path
            + (Query is null ? "" : "?" + Query) + (Fragment is null ? "" : "#" + Fragment);

    private UriReference Resolve(UriReference other)
    {
        if (other.Scheme is not null) return other with { Path = WithoutDots(other.Path) };
        if (other.Authority is not null) return other with { Scheme = Scheme, Path = WithoutDots(other.Path) };
        if (other.Path.Length == 0) return this with { Query = other.Query ?? Query, Fragment = other.Fragment };
        string path = other.Path[0] == '/' ? other.Path : Path[..(Path.LastIndexOf('/') + 1)] + other.Path;
        if (Authority is not null && path[0] != '/') path = "/" + path;
        return this with { Path = WithoutDots(path), Query = other.Query, Fragment = other.Fragment };
    }

    private static string WithoutDots(string path)
    {
        if (!path.Contains("./", StringComparison.Ordinal) && !path.EndsWith('.')) return path;
        var kept = new List<string>();
        string[] segments = path.Split('/');
        for (int i = 0; i < segments.Length; i++)
        {
            bool isLast = i == segments.Length - 1;
            if (segments[i] == "..")
            {
                if (kept.Count > 1) kept.RemoveAt(kept.Count - 1);
                if (isLast) kept.Add("");
            }
            else if (segments[i] != ".") kept.Add(segments[i]);
            else if (isLast) kept.Add("");
        }
        return string.Join('/', kept);
    }
}
