namespace Cluster.Grammar.Lark;

/// <summary>The terminals that <c>%import common</c> offers, by what they match.</summary>
internal static class LarkCommon
{
    private const string Int = "[0-9]+";
    private const string Decimal = $@"(?:{Int}\.(?:{Int})?|\.{Int})";
    private const string Float = $"(?:{Int}[eE][+-]?{Int}|{Decimal}(?:[eE][+-]?{Int})?)";
    private const string Number = $"(?:{Float}|{Int})";

    public static readonly IReadOnlyDictionary<string, string> Patterns = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["DIGIT"] = "[0-9]",
        ["HEXDIGIT"] = "[0-9a-fA-F]",
        ["INT"] = Int,
        ["SIGNED_INT"] = $"[+-]?{Int}",
        ["DECIMAL"] = Decimal,
        ["FLOAT"] = Float,
        ["SIGNED_FLOAT"] = $"[+-]?{Float}",
        ["NUMBER"] = Number,
        ["SIGNED_NUMBER"] = $"[+-]?{Number}",
        ["ESCAPED_STRING"] = @"""(?:[^""\\\n]|\\[^\n])*""",
        ["LCASE_LETTER"] = "[a-z]",
        ["UCASE_LETTER"] = "[A-Z]",
        ["LETTER"] = "[a-zA-Z]",
        ["WORD"] = "[a-zA-Z]+",
        ["CNAME"] = "[_a-zA-Z][_a-zA-Z0-9]*",
        ["WS_INLINE"] = "[ \\t]+",
        ["WS"] = "[ \\t\\f\\r\\n]+",
        ["CR"] = "\\r",
        ["LF"] = "\\n",
        ["NEWLINE"] = "(?:\\r?\\n)+",
        ["SH_COMMENT"] = "#[^\\n]*",
        ["CPP_COMMENT"] = "//[^\\n]*",
        ["C_COMMENT"] = @"/\*(?:[^*]|\*+[^*/])*\*+/",
        ["SQL_COMMENT"] = "--[^\\n]*",
    };
}
