using Cluster.Grammar.Validation.Patterns;

namespace Cluster.Grammar.Validation.Formats;

/// <summary>The formats of 2020-12 by name. They are known in every release; other names are annotations.</summary>
internal static class StringFormats
{
    private static readonly Dictionary<string, Func<string, bool>> Known = new(StringComparer.Ordinal)
    {
        ["date-time"] = DateFormats.IsDateTime,
        ["date"] = DateFormats.IsDate,
        ["time"] = DateFormats.IsTime,
        ["duration"] = DateFormats.IsDuration,
        ["email"] = text => MailFormats.IsAddress(text, isInternational: false),
        ["idn-email"] = text => MailFormats.IsAddress(text, isInternational: true),
        ["hostname"] = HostFormats.IsHostname,
        ["idn-hostname"] = HostFormats.IsInternationalHostname,
        ["ipv4"] = HostFormats.IsIpv4,
        ["ipv6"] = HostFormats.IsIpv6,
        ["uri"] = text => UriFormats.IsReference(text, isInternational: false, needsScheme: true),
        ["uri-reference"] = text => UriFormats.IsReference(text, isInternational: false, needsScheme: false),
        ["iri"] = text => UriFormats.IsReference(text, isInternational: true, needsScheme: true),
        ["iri-reference"] = text => UriFormats.IsReference(text, isInternational: true, needsScheme: false),
        ["uri-template"] = TemplateFormat.IsTemplate,
        ["uuid"] = IsUuid,
        ["json-pointer"] = IsPointer,
        ["relative-json-pointer"] = IsRelativePointer,
        ["regex"] = Pattern.IsSyntax,
    };

    /// <summary>Names that can fail a document, in alphabetical order.</summary>
    public static IEnumerable<string> Names => Known.Keys.Order(StringComparer.Ordinal);

    public static Func<string, bool>? Find(string name) => Known.GetValueOrDefault(name);

    private static bool IsUuid(string text)
    {
        if (text.Length != 36) return false;
        for (int i = 0; i < 36; i++)
        {
            if (i is 8 or 13 or 18 or 23 ? text[i] != '-' : !char.IsAsciiHexDigit(text[i])) return false;
        }
        return true;
    }

    private static bool IsPointer(string text)
    {
        if (text.Length > 0 && text[0] != '/') return false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '~' && (i + 1 == text.Length || text[i + 1] is not ('0' or '1'))) return false;
        }
        return true;
    }

    private static bool IsRelativePointer(string text)
    {
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
        if (digits == 0 || (digits > 1 && text[0] == '0')) return false;
        return text[digits..] == "#" || IsPointer(text[digits..]);
    }
}
