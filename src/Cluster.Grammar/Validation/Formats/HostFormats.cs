namespace Cluster.Grammar.Validation.Formats;

/// <summary>Host names (RFC 1123, and RFC 5890 for the international ones) and IP addresses.</summary>
internal static class HostFormats
{
    private const int LabelMax = 63;
    private const int NameMax = 253;

    public static bool IsHostname(string text)
        => text.Length is > 0 and <= NameMax && Array.TrueForAll(text.Split('.'), label => IsAsciiLabel(label) && IsRightIfEncoded(label));

    public static bool IsInternationalHostname(string text)
    {
        string[] labels = text.Split('.', '\u3002', '\uFF0E', '\uFF61');
        var encoded = new List<string>();
        var decoded = new List<string>();
        foreach (string label in labels)
        {
            if (label.All(char.IsAscii))
            {
                if (!IsAsciiLabel(label) || !IsRightIfEncoded(label)) return false;
                encoded.Add(label);
                decoded.Add(IsEncoded(label) ? Punycode.Decode(label.AsSpan(4))! : label);
            }
            else
            {
                if (!InternationalLabel.IsValid(label)) return false;
                encoded.Add("xn--" + Punycode.Encode(label));
                decoded.Add(label);
            }
        }
        return encoded.TrueForAll(label => label.Length <= LabelMax)
            && encoded.Sum(label => label.Length + 1) - 1 <= NameMax
            && InternationalLabel.FollowBidiRule(decoded);
    }

    public static bool IsIpv4(ReadOnlySpan<char> text)
    {
        int count = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (++count > 4 || part.Length is 0 or > 3 || (part.Length > 1 && part[0] == '0')) return false;
            int value = 0;
            foreach (char digit in part)
            {
                if (!char.IsAsciiDigit(digit)) return false;
                value = value * 10 + (digit - '0');
            }
            if (value > 255) return false;
        }
        return count == 4;
    }

    public static bool IsIpv4(string text) => IsIpv4(text.AsSpan());

    public static bool IsIpv6(string text)
    {
        int gap = text.IndexOf("::", StringComparison.Ordinal);
        if (gap < 0) return CountGroups(text, mayEndInIpv4: true) == 8;
        string before = text[..gap], after = text[(gap + 2)..];
        int count = (before.Length == 0 ? 0 : CountGroups(before, mayEndInIpv4: false)) + (after.Length == 0 ? 0 : CountGroups(after, mayEndInIpv4: true));
        return count is >= 0 and <= 7;
    }

    /// <summary>Groups of 16 bits; far below zero if one of them is wrong.</summary>
    private static int CountGroups(string text, bool mayEndInIpv4)
    {
        string[] groups = text.Split(':');
        int count = 0;
        for (int i = 0; i < groups.Length; i++)
        {
            if (i == groups.Length - 1 && mayEndInIpv4 && IsIpv4(groups[i])) count += 2;
            else if (groups[i].Length is >= 1 and <= 4 && groups[i].All(char.IsAsciiHexDigit)) count++;
            else return -100;
        }
        return count;
    }

    private static bool IsAsciiLabel(string label)
        => label.Length is > 0 and <= LabelMax && label[0] != '-' && label[^1] != '-' && label.All(it => char.IsAsciiLetterOrDigit(it) || it == '-');

    private static bool IsEncoded(string label) => label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase);

    /// <summary>A label that claims to be an encoded one decodes to a valid one, and that encodes back to it.</summary>
    private static bool IsRightIfEncoded(string label)
    {
        if (!IsEncoded(label)) return true;
        return Punycode.Decode(label.AsSpan(4)) is { } decoded && !decoded.All(char.IsAscii) && InternationalLabel.IsValid(decoded)
            && InternationalLabel.FollowBidiRule([decoded])
            && string.Equals(Punycode.Encode(decoded), label[4..], StringComparison.OrdinalIgnoreCase);
    }
}
