namespace Cluster.Grammar.Lark;

internal enum LarkTokenKind : byte { Rule, Terminal, Text, Pattern, Number, Directive, Operator, NewLine, End }

/// <param name="Kind">What it is.</param>
/// <param name="Value">Name, decoded text, pattern without slashes, digits, directive without percent sign, or operator.</param>
/// <param name="Flags">Letters after a text or pattern.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
internal readonly record struct LarkToken(LarkTokenKind Kind, string Value, string Flags, int Line, int Column);

/// <summary>The source is refused. Never leaves the compiler.</summary>
internal sealed class LarkRefusalException(SchemaRejectionKind kind, int line, int column, string message) : Exception(message)
{
    public SchemaRejection Rejection { get; } = new(kind, "", "", $"Line {line}, column {column}: {message}") { Line = line, Column = column };

    public static LarkRefusalException Malformed(LarkToken at, string message) => new(SchemaRejectionKind.Malformed, at.Line, at.Column, message);

    public static LarkRefusalException Unsupported(LarkToken at, string message) => new(SchemaRejectionKind.UnsupportedKeyword, at.Line, at.Column, message);

    public static LarkRefusalException TooLarge(LarkToken at, string message) => new(SchemaRejectionKind.TooLarge, at.Line, at.Column, message);
}
