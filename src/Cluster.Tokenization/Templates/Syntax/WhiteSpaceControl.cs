using System.Text.RegularExpressions;

namespace Cluster.Tokenization.Templates.Syntax;

/// <summary>
/// What Hugging Face's environment settings do to a source before it is read: trim_blocks, lstrip_blocks, no final newline, and the
/// {% generation %} marks of training gone.
/// </summary>
internal static partial class WhiteSpaceControl
{
    /// <summary>White space as templates' own strip and trim see it: with the byte order mark, without U+0085.</summary>
    public static bool IsSpace(char c) => c == '\uFEFF' || (c != '\u0085' && char.IsWhiteSpace(c));

    public static string Apply(string source)
    {
        if (source.EndsWith('\n')) source = source[..^1];
        source = BeforeBlock().Replace(source, "");
        source = AfterBlock().Replace(source, "$1");
        return Generation().Replace(source, match =>
            (match.Groups["before"].Length > 0 ? "" : match.Groups[1].Value) + (match.Groups["after"].Length > 0 ? "" : match.Groups[2].Value));
    }

    public static string TrimStart(string text)
    {
        int start = 0;
        while (start < text.Length && IsSpace(text[start])) start++;
        return text[start..];
    }

    public static string TrimEnd(string text)
    {
        int end = text.Length;
        while (end > 0 && IsSpace(text[end - 1])) end--;
        return text[..end];
    }

    public static string Trim(string text) => TrimEnd(TrimStart(text));

    [GeneratedRegex(@"(?<=\A|[\n\r\u2028\u2029])[ \t]*(?=\{[#%-])")]
    private static partial Regex BeforeBlock();

    [GeneratedRegex(@"([#%-]\})\n")]
    private static partial Regex AfterBlock();

    [GeneratedRegex(@"(\s*)\{%(?<before>-?)\s*(?:end)?generation\s*(?<after>-?)%\}(\s*)")]
    private static partial Regex Generation();
}
