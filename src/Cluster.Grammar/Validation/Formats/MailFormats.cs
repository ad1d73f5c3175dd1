namespace Cluster.Grammar.Validation.Formats;

/// <summary>Mail addresses: the Mailbox of RFC 5321, and of RFC 6531 for the international ones.</summary>
internal static class MailFormats
{
    private const string AtomPunctuation = "!#$%&'*+-/=?^_`{|}~";

    public static bool IsAddress(string text, bool isInternational)
    {
        int at = text.StartsWith('"') ? EndOfQuoted(text, isInternational) : text.IndexOf('@');
        if (at <= 0 || at >= text.Length || text[at] != '@') return false;
        string local = text[..at], domain = text[(at + 1)..];
        if (local[0] != '"' && !IsDotAtom(local, isInternational)) return false;
        if (domain.StartsWith('[')) return domain.EndsWith(']') && IsAddressLiteral(domain[1..^1]);
        // RFC 5321, 2.3.5: fully qualified names only.
        return domain.Contains('.', StringComparison.Ordinal) && (isInternational ? IsInternationalDomain(domain) : HostFormats.IsHostname(domain));
    }

    private static bool IsDotAtom(string local, bool isInternational)
        => Array.TrueForAll(local.Split('.'), atom => atom.Length > 0 && atom.All(it =>
            char.IsAscii(it) ? char.IsAsciiLetterOrDigit(it) || AtomPunctuation.Contains(it, StringComparison.Ordinal) : isInternational));

    /// <summary>The place after the closing quote of a quoted local part; -1 if it is not well-formed.</summary>
    private static int EndOfQuoted(string text, bool isInternational)
    {
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] == '"') return i + 1;
            if (text[i] == '\\')
            {
                if (++i >= text.Length || text[i] is < ' ' or > '~') return -1;
            }
            else if (text[i] < ' ' || text[i] == '\x7f' || (text[i] > '~' && !isInternational)) return -1;
        }
        return -1;
    }

    /// <summary>Mail domains may hold labels outside NFC and IDNA: RFC 6531 only asks for UTF-8.</summary>
    private static bool IsInternationalDomain(string domain)
        => Array.TrueForAll(domain.Split('.'), label => label.Length > 0 && label[0] != '-' && label[^1] != '-'
            && label.All(it => char.IsAscii(it) ? char.IsAsciiLetterOrDigit(it) || it == '-' : it > '\x9f'));

    private static bool IsAddressLiteral(string literal)
        => literal.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? HostFormats.IsIpv6(literal[5..]) : HostFormats.IsIpv4(literal);
}
