using System.Text;

namespace Cluster.Grammar.Validation.Formats;

/// <summary>URIs by the grammar of RFC 3986, IRIs by that of RFC 3987.</summary>
internal static class UriFormats
{
    private const string Unreserved = "-._~";
    private const string SubDelimiters = "!$&'()*+,;=";

    public static bool IsReference(string text, bool isInternational, bool needsScheme)
    {
        string rest = text;
        if (Cut(ref rest, '#') is { } fragment && !IsMadeOf(fragment, ":@/?", isInternational)) return false;
        if (Cut(ref rest, '?') is { } query && !IsMadeOf(query, ":@/?", isInternational, isQuery: true)) return false;
        int colon = rest.IndexOf(':');
        int slash = rest.IndexOf('/');
        bool hasScheme = colon > 0 && (slash < 0 || colon < slash) && IsScheme(rest[..colon]);
        if (hasScheme)
        {
            rest = rest[(colon + 1)..];
            // RFC 3986 lets a scheme stand alone; it names nothing, and common validators refuse it.
            if (needsScheme && rest.Length == 0) return false;
        }
        else if (needsScheme || (colon >= 0 && (slash < 0 || colon < slash))) return false;
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            int end = rest.IndexOf('/', 2);
            if (end < 0) end = rest.Length;
            if (!IsAuthority(rest[2..end], isInternational)) return false;
            rest = rest[end..];
        }
        return IsMadeOf(rest, ":@/", isInternational);
    }

    /// <summary>Takes what follows the first <paramref name="mark"/> off the text; null if there is none.</summary>
    private static string? Cut(ref string text, char mark)
    {
        int at = text.IndexOf(mark);
        if (at < 0) return null;
        string tail = text[(at + 1)..];
        text = text[..at];
        return tail;
    }

    private static bool IsScheme(string text) => char.IsAsciiLetter(text[0]) && text.All(it => char.IsAsciiLetterOrDigit(it) || it is '+' or '-' or '.');

    private static bool IsAuthority(string text, bool isInternational)
    {
        int at = text.LastIndexOf('@');
        if (at >= 0 && !IsMadeOf(text[..at], ":", isInternational)) return false;
        string host = text[(at + 1)..];
        int end = host.StartsWith('[') ? host.IndexOf(']') : -1;
        int colon = host.IndexOf(':', end + 1);
        if (colon >= 0)
        {
            if (!host[(colon + 1)..].All(char.IsAsciiDigit)) return false;
            host = host[..colon];
        }
        if (!host.StartsWith('[')) return IsMadeOf(host, "", isInternational);
        if (end != host.Length - 1) return false;
        string literal = host[1..^1];
        return literal.StartsWith('v') || literal.StartsWith('V') ? IsFutureAddress(literal[1..]) : HostFormats.IsIpv6(literal);
    }

    private static bool IsFutureAddress(string text)
    {
        int dot = text.IndexOf('.');
        return dot > 0 && dot < text.Length - 1 && text[..dot].All(char.IsAsciiHexDigit)
            && text[(dot + 1)..].All(it => char.IsAsciiLetterOrDigit(it) || (Unreserved + SubDelimiters + ":").Contains(it, StringComparison.Ordinal));
    }

    /// <summary>Unreserved characters, sub-delimiters, percent escapes and those of <paramref name="others"/>.</summary>
    private static bool IsMadeOf(string text, string others, bool isInternational, bool isQuery = false)
    {
        int skip = 0;
        foreach (var (at, rune) in Positions(text))
        {
            if (skip-- > 0) continue;
            skip = 0;
            if (rune.Value == '%')
            {
                if (at + 2 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2])) return false;
                skip = 2;
            }
            else if (!rune.IsAscii)
            {
                if (!isInternational || !(IsInternational(rune.Value) || (isQuery && IsPrivate(rune.Value)))) return false;
            }
            else if (!char.IsAsciiLetterOrDigit((char)rune.Value)
                && !(Unreserved + SubDelimiters + others).Contains((char)rune.Value, StringComparison.Ordinal)) return false;
        }
        return true;
    }

    private static IEnumerable<(int At, Rune Rune)> Positions(string text)
    {
        int at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            yield return (at, rune);
            at += rune.Utf16SequenceLength;
        }
    }

    private static bool IsInternational(int point)
        => point is (>= 0xA0 and <= 0xD7FF) or (>= 0xF900 and <= 0xFDCF) or (>= 0xFDF0 and <= 0xFFEF)
            || (point is >= 0x10000 and <= 0xEFFFD && (point & 0xFFFF) <= 0xFFFD && !(point is >= 0xE0000 and < 0xE1000));

    private static bool IsPrivate(int point) => point is (>= 0xE000 and <= 0xF8FF) or (>= 0xF0000 and <= 0xFFFFD) or (>= 0x100000 and <= 0x10FFFD);
}
