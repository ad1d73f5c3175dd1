namespace Cluster.Tokenization.Templates.Syntax;

/// <summary>A piece of a template: a statement or an expression.</summary>
internal abstract record TemplateNode
{
    public sealed record Text(string Value) : TemplateNode;

    public sealed record Comment : TemplateNode;

    public sealed record If(TemplateNode Condition, IReadOnlyList<TemplateNode> Body, IReadOnlyList<TemplateNode> Otherwise) : TemplateNode;

    public sealed record For(TemplateNode Target, TemplateNode Iterable, IReadOnlyList<TemplateNode> Body, IReadOnlyList<TemplateNode> Otherwise) : TemplateNode;

    public sealed record Set(TemplateNode Target, TemplateNode? Value, IReadOnlyList<TemplateNode> Body) : TemplateNode;

    public sealed record Macro(string Name, IReadOnlyList<Parameter> Parameters, IReadOnlyList<TemplateNode> Body, SpecialArguments Special) : TemplateNode;

    public sealed record CallBlock(Call MacroCall, IReadOnlyList<Parameter> Parameters, IReadOnlyList<TemplateNode> Body, SpecialArguments Special) : TemplateNode;

    public sealed record FilterBlock(TemplateNode Name, IReadOnlyList<TemplateNode> Body) : TemplateNode;

    public sealed record Break : TemplateNode;

    public sealed record Continue : TemplateNode;

    public sealed record Integer(double Value) : TemplateNode;

    public sealed record Float(double Value) : TemplateNode;

    public sealed record String(string Value) : TemplateNode;

    public sealed record Array(IReadOnlyList<TemplateNode> Items) : TemplateNode;

    public sealed record Tuple(IReadOnlyList<TemplateNode> Items) : TemplateNode;

    public sealed record Object(IReadOnlyList<(TemplateNode Key, TemplateNode Value)> Entries) : TemplateNode;

    public sealed record Identifier(string Name) : TemplateNode;

    public sealed record Unary(string Operator, TemplateNode Operand) : TemplateNode;

    public sealed record Binary(string Operator, TemplateNode Left, TemplateNode Right) : TemplateNode;

    public sealed record Ternary(TemplateNode Condition, TemplateNode Then, TemplateNode Else) : TemplateNode;

    /// <summary>"value if test" without else; in a for loop, the filter of what it goes over.</summary>
    public sealed record Select(TemplateNode Value, TemplateNode Condition) : TemplateNode;

    public sealed record Member(TemplateNode Target, TemplateNode Property, bool Computed) : TemplateNode;

    public sealed record Slice(TemplateNode? Start, TemplateNode? Stop, TemplateNode? Step) : TemplateNode;

    public sealed record Call(TemplateNode Callee, IReadOnlyList<TemplateNode> Arguments) : TemplateNode;

    /// <summary>Filter is an <see cref="Identifier"/> or a <see cref="Call"/> of one.</summary>
    public sealed record Filter(TemplateNode Operand, TemplateNode Name) : TemplateNode;

    public sealed record Test(TemplateNode Operand, bool Negated, string Name) : TemplateNode;

    public sealed record Keyword(string Name, TemplateNode Value) : TemplateNode;

    public sealed record Spread(TemplateNode Value) : TemplateNode;

    public sealed record KeywordSpread(TemplateNode Value) : TemplateNode;
}

internal sealed record Parameter(string Name, TemplateNode? Default);

/// <summary>Which of the implicit arguments a macro's body asks for.</summary>
[Flags]
internal enum SpecialArguments { None = 0, Keywords = 1, Positional = 2 }
