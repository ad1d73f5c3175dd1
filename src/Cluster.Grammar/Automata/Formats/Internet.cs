namespace Cluster.Grammar.Automata.Formats;

/// <summary>Addresses of hosts and mailboxes, and the identifiers of RFC 3986, 3987 and 6570, as patterns.</summary>
internal static class Internet
{
    private const string Octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private const string Hex = "[0-9A-Fa-f]";
    private const string Group = Hex + "{1,4}";
    private const string Last32 = $"(?:{Group}:{Group}|{IpV4})";

    public const string IpV4 = $@"(?:{Octet}\.){{3}}{Octet}";

    public const string IpV6 =
        $"(?:(?:{Group}:){{6}}{Last32}|::(?:{Group}:){{5}}{Last32}|(?:{Group})?::(?:{Group}:){{4}}{Last32}"
        + $"|(?:(?:{Group}:){{0,1}}{Group})?::(?:{Group}:){{3}}{Last32}|(?:(?:{Group}:){{0,2}}{Group})?::(?:{Group}:){{2}}{Last32}"
        + $"|(?:(?:{Group}:){{0,3}}{Group})?::{Group}:{Last32}|(?:(?:{Group}:){{0,4}}{Group})?::{Last32}"
        + $"|(?:(?:{Group}:){{0,5}}{Group})?::{Group}|(?:(?:{Group}:){{0,6}}{Group})?::)";

    private const string Atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]";
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private const string AddressLiteral = $@"\[(?:{IpV4}|[Ii][Pp][Vv]6:{IpV6})\]";

    /// <summary>Mailbox of RFC 5321; its domain is fully qualified (section 2.3.5), so that it has a dot, and a host name of <see cref="Hostnames"/>.</summary>
    public static StringLanguage Email() => Hostnames.Limited(FormatCatalogue.Whole(Mailbox), "@");

    private const string Mailbox = $@"(?:{Atom}+(?:\.{Atom}+)*|""(?:[ !#-\[\]-~]|\\[ -~])*"")@(?:{Label}(?:\.{Label})+|{AddressLiteral})";

    private const string Beyond = @"[^\u0000-\u007f]";
    private const string IdnAtom = $"(?:{Atom}|{Beyond})";
    private const string IdnLabelCharacter = @"(?:[A-Za-z0-9]|[^\u0000-\u009f])";
    private const string IdnLabel = $"{IdnLabelCharacter}(?:(?:{IdnLabelCharacter}|-)*{IdnLabelCharacter})?";

    /// <summary>Mailbox of RFC 6531: any character beyond ASCII counts as a letter, in the domain none that is a control.</summary>
    public const string IdnEmail =
        $@"(?:{IdnAtom}+(?:\.{IdnAtom}+)*|""(?:[ !#-\[\]-~]|{Beyond}|\\[ -~])*"")@(?:{IdnLabel}(?:\.{IdnLabel})+|{AddressLiteral})";

    private const string Scheme = "[A-Za-z][A-Za-z0-9+.-]*:";
    private const string Sub = "!$&'()*+,;=";
    private const string Percent = $"%{Hex}{{2}}";
    private const string Ucs =
        @"\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\u{10000}-\u{1fffd}\u{20000}-\u{2fffd}\u{30000}-\u{3fffd}\u{40000}-\u{4fffd}"
        + @"\u{50000}-\u{5fffd}\u{60000}-\u{6fffd}\u{70000}-\u{7fffd}\u{80000}-\u{8fffd}\u{90000}-\u{9fffd}\u{a0000}-\u{afffd}"
        + @"\u{b0000}-\u{bfffd}\u{c0000}-\u{cfffd}\u{d0000}-\u{dfffd}\u{e1000}-\u{efffd}";

    private const string Private = @"\ue000-\uf8ff\u{f0000}-\u{ffffd}\u{100000}-\u{10fffd}";

    public static string Uri { get; } = Identifier("", "");

    public static string UriReference { get; } = Reference("", "");

    public static string Iri { get; } = Identifier(Ucs, Private);

    public static string IriReference { get; } = Reference(Ucs, Private);

    /// <summary>RFC 6570; the operators that it reserves are not accepted.</summary>
    public const string UriTemplate =
        $@"(?:[!#$&-;=?-\[\]_a-z~\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\uffef\u{{10000}}-\u{{10fffd}}]|{Percent}"
        + $@"|\{{[+#./;?&=,!@|]?{Variable}(?:,{Variable})*\}})*";

    private const string VariableCharacter = $"(?:[A-Za-z0-9_]|{Percent})";
    private const string Variable = $@"{VariableCharacter}(?:\.?{VariableCharacter})*(?::[1-9][0-9]{{0,3}}|\*)?";

    /// <summary>A scheme alone names nothing, and common validators refuse it: something of the hierarchy follows.</summary>
    private static string Identifier(string more, string secret) => $"{Scheme}{Hierarchy(more, allowRootless: true)}{Ends(more, secret)}";

    private static string Reference(string more, string secret) =>
        $"(?:{Scheme}{Hierarchy(more, allowRootless: true)}?|{Hierarchy(more, allowRootless: false)}?){Ends(more, secret)}";

    private static string Hierarchy(string more, bool allowRootless)
    {
        var unreserved = $"A-Za-z0-9._~{more}";
        var character = $@"(?:[{unreserved}{Sub}:@\-]|{Percent})";
        var noColon = $@"(?:[{unreserved}{Sub}@\-]|{Percent})";
        var host = $@"(?:\[(?:{IpV6}|[Vv]{Hex}+\.[A-Za-z0-9._~{Sub}:\-]+)\]|(?:[{unreserved}{Sub}\-]|{Percent})*)";
        var authority = $@"(?:(?:[{unreserved}{Sub}:\-]|{Percent})*@)?{host}(?::[0-9]*)?";
        var first = allowRootless ? character : noColon;
        return $"(?://{authority}(?:/{character}*)*|/(?:{character}+(?:/{character}*)*)?|{first}+(?:/{character}*)*)";
    }

    private static string Ends(string more, string secret)
    {
        var common = $@"[A-Za-z0-9._~{more}{Sub}:@/?\-";
        return $@"(?:\?(?:{common}{secret}]|{Percent})*)?(?:#(?:{common}]|{Percent})*)?";
    }
}
