namespace Cluster.Tokenization.Templates.Syntax;

internal enum TemplateTokenKind
{
    Text, Number, String, Identifier, Equals, OpenParen, CloseParen, OpenStatement, CloseStatement, OpenExpression, CloseExpression,
    OpenSquare, CloseSquare, OpenCurly, CloseCurly, Comma, Dot, Colon, Pipe, Additive, Multiplicative, Power, Comparison, UnarySign, Comment, End,
}

internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Value);
