using System.Collections.Concurrent;

namespace Cluster.Grammar.Automata.Formats;

/// <summary>The formats of JSON Schema by name; each language is built on first use and kept.</summary>
internal static class FormatCatalogue
{
    private const string Pointer = "(?:/(?:[^~/]|~[01])*)*";

    private static readonly ConcurrentDictionary<string, StringLanguage?> Built = new(StringComparer.Ordinal);

    public static StringLanguage? Find(string name) => Built.TryGetValue(name, out var known) ? known : Build(name) is { } built ? Built.GetOrAdd(name, built) : null;

    public static LeafRefusal? Refusal(string name) => name is "idn-hostname"
        ? new LeafRefusal(LeafRefusalKind.Unsupported, $"The format {name} is no regular language.")
        : null;

    /// <summary>A pattern that must match the whole text.</summary>
    public static StringLanguage Whole(string pattern) => StringLanguage.Pattern($"^(?:{pattern})$");

    private static StringLanguage? Build(string name) => name switch
    {
        "date" => Whole(DateTimes.Date),
        "time" => DateTimes.Time(),
        "date-time" => DateTimes.DateTime(),
        "duration" => Whole(DateTimes.Duration),
        "email" => Internet.Email(),
        "idn-email" => Whole(Internet.IdnEmail),
        "hostname" => Hostnames.Ascii(),
        "ipv4" => Whole(Internet.IpV4),
        "ipv6" => Whole(Internet.IpV6),
        "uri" => Whole(Internet.Uri),
        "uri-reference" => Whole(Internet.UriReference),
        "iri" => Whole(Internet.Iri),
        "iri-reference" => Whole(Internet.IriReference),
        "uri-template" => Whole(Internet.UriTemplate),
        "uuid" => Whole("[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"),
        "regex" => StringLanguage.Of(new RegexState().ToNode()),
        "json-pointer" => Whole(Pointer),
        "relative-json-pointer" => Whole($"(?:0|[1-9][0-9]*)(?:#|{Pointer})"),
        _ => null,
    };
}
