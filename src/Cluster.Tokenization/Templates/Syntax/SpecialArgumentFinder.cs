namespace Cluster.Tokenization.Templates.Syntax;

/// <summary>Finds out whether a macro's body reads "kwargs" or "varargs" without having declared them itself.</summary>
internal sealed class SpecialArgumentFinder
{
    private readonly HashSet<string> _declared = [];
    private SpecialArguments _found;

    public static SpecialArguments Find(IReadOnlyList<Parameter> parameters, IReadOnlyList<TemplateNode> body)
    {
        var finder = new SpecialArgumentFinder();
        foreach (Parameter parameter in parameters) finder._declared.Add(parameter.Name);
        finder.VisitAll(body);
        return finder._found;
    }

    private void VisitAll(IEnumerable<TemplateNode?> nodes)
    {
        foreach (TemplateNode? node in nodes) Visit(node);
    }

    private void VisitDefaults(IReadOnlyList<Parameter> parameters)
    {
        foreach (Parameter parameter in parameters) _declared.Add(parameter.Name);
        VisitAll(parameters.Select(parameter => parameter.Default));
    }

    private void Declare(TemplateNode target)
    {
        if (target is TemplateNode.Identifier name) _declared.Add(name.Name);
        if (target is TemplateNode.Tuple tuple)
        {
            foreach (TemplateNode item in tuple.Items) Declare(item);
        }
    }

    private void Visit(TemplateNode? node)
    {
        switch (node)
        {
            case TemplateNode.Identifier { Name: "kwargs" or "varargs" } name when !_declared.Contains(name.Name):
                _found |= name.Name == "kwargs" ? SpecialArguments.Keywords : SpecialArguments.Positional;
                break;
            case TemplateNode.For loop:
                Declare(loop.Target);
                var select = loop.Iterable as TemplateNode.Select;
                Visit(select?.Value ?? loop.Iterable);
                VisitAll(loop.Body);
                VisitAll(loop.Otherwise);
                Visit(select?.Condition);
                break;
            case TemplateNode.Set set:
                Declare(set.Target);
                Visit(set.Value);
                VisitAll(set.Body);
                break;
            case TemplateNode.Macro macro:
                VisitDefaults(macro.Parameters);
                VisitAll(macro.Body);
                break;
            case TemplateNode.CallBlock block:
                Visit(block.MacroCall);
                VisitDefaults(block.Parameters);
                VisitAll(block.Body);
                break;
            case TemplateNode.FilterBlock block:
                VisitAll(block.Body);
                VisitFilter(block.Name);
                break;
            case TemplateNode.Filter filter:
                Visit(filter.Operand);
                VisitFilter(filter.Name);
                break;
            case TemplateNode.Member member:
                Visit(member.Target);
                if (member.Computed) Visit(member.Property);
                break;
            default:
                VisitAll(Children(node));
                break;
        }
    }

    private void VisitFilter(TemplateNode filter)
    {
        if (filter is TemplateNode.Call call) VisitAll(call.Arguments);
    }

    private static IEnumerable<TemplateNode?> Children(TemplateNode? node) => node switch
    {
        TemplateNode.If branch => [branch.Condition, .. branch.Body, .. branch.Otherwise],
        TemplateNode.Array array => array.Items,
        TemplateNode.Tuple tuple => tuple.Items,
        TemplateNode.Object entries => entries.Entries.SelectMany(entry => (TemplateNode[])[entry.Key, entry.Value]),
        TemplateNode.Unary unary => [unary.Operand],
        TemplateNode.Binary binary => [binary.Left, binary.Right],
        TemplateNode.Ternary ternary => [ternary.Condition, ternary.Then, ternary.Else],
        TemplateNode.Select select => [select.Condition, select.Value],
        TemplateNode.Slice slice => new[] { slice.Start, slice.Stop, slice.Step }.OfType<TemplateNode>(),
        TemplateNode.Call call => [call.Callee, .. call.Arguments],
        TemplateNode.Test test => [test.Operand],
        TemplateNode.Keyword keyword => [keyword.Value],
        TemplateNode.Spread spread => [spread.Value],
        TemplateNode.KeywordSpread spread => [spread.Value],
        _ => [],
    };
}
