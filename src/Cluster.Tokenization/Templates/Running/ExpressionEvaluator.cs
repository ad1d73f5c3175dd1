using Cluster.Tokenization.Templates.Syntax;
using Cluster.Tokenization.Templates.Values;

namespace Cluster.Tokenization.Templates.Running;

/// <summary>Evaluates a template's expressions.</summary>
internal sealed class ExpressionEvaluator
{
    private readonly RenderLimits _limits;
    private readonly Filters _filters;
    private readonly Methods _methods;

    public ExpressionEvaluator(RenderLimits limits)
    {
        _limits = limits;
        _methods = new Methods(limits);
        _filters = new Filters(limits, _methods);
    }

    public TemplateValue Evaluate(TemplateNode? node, Scope scope)
    {
        if (node is null) return UndefinedValue.Instance;
        _limits.Enter();
        _limits.Step();
        TemplateValue value = EvaluateOne(node, scope);
        _limits.Leave();
        return value;
    }

    public TemplateValue ApplyFilter(TemplateValue operand, TemplateNode filter, Scope scope)
    {
        _limits.Step();
        return filter switch
        {
            TemplateNode.Identifier name => _filters.Apply(operand, name.Name),
            TemplateNode.Call { Callee: TemplateNode.Identifier name } call => _filters.Apply(operand, name.Name, call, EvaluateArguments(call.Arguments, scope)),
            _ => throw TemplateException.Runtime("a filter is a name"),
        };
    }

    /// <summary>All positional arguments are evaluated before any keyword argument.</summary>
    public CallArguments EvaluateArguments(IReadOnlyList<TemplateNode> nodes, Scope scope)
    {
        if (nodes.Count == 0) return new CallArguments([], []);
        var positional = new List<TemplateValue>();
        var keywords = new OrderedDictionary<string, TemplateValue>();
        foreach (TemplateNode node in nodes)
        {
            if (node is TemplateNode.Keyword or TemplateNode.KeywordSpread) continue;
            if (node is not TemplateNode.Spread spread) positional.Add(Evaluate(node, scope));
            else if (Evaluate(spread.Value, scope) is ListValue list) positional.AddRange(list.Items);
            else throw TemplateException.Runtime("only a list can be unpacked with *");
        }
        foreach (TemplateNode node in nodes)
        {
            if (node is TemplateNode.Keyword keyword) AddKeyword(keywords, keyword.Name, Evaluate(keyword.Value, scope));
            if (node is not TemplateNode.KeywordSpread spread) continue;
            if (Evaluate(spread.Value, scope) is not MapValue { IsNamespace: false } map) throw TemplateException.Runtime("only a mapping can be unpacked with **");
            foreach ((string key, TemplateValue value) in map.Entries) AddKeyword(keywords, key, value);
        }
        return new CallArguments(positional, keywords);
    }

    private static void AddKeyword(OrderedDictionary<string, TemplateValue> keywords, string name, TemplateValue value)
    {
        if (!keywords.TryAdd(name, value)) throw TemplateException.Runtime("several values for the argument " + name);
    }

    private TemplateValue EvaluateOne(TemplateNode node, Scope scope)
    {
        switch (node)
        {
            case TemplateNode.Integer number: return new NumberValue(number.Value, isFloat: false);
            case TemplateNode.Float number: return new NumberValue(number.Value, isFloat: true);
            case TemplateNode.String text: return new StringValue(text.Value);
            case TemplateNode.Identifier name: return scope.Get(name.Name);
            case TemplateNode.Array array: return new ListValue([.. array.Items.Select(item => Evaluate(item, scope))]);
            case TemplateNode.Tuple tuple: return new ListValue([.. tuple.Items.Select(item => Evaluate(item, scope))], isTuple: true);
            case TemplateNode.Object literal: return EvaluateObject(literal, scope);
            case TemplateNode.Unary unary: return EvaluateUnary(unary, scope);
            case TemplateNode.Binary binary: return EvaluateBinary(binary, scope);
            case TemplateNode.Ternary ternary: return Evaluate(Evaluate(ternary.Condition, scope).IsTrue ? ternary.Then : ternary.Else, scope);
            case TemplateNode.Select select: return Evaluate(select.Condition, scope).IsTrue ? Evaluate(select.Value, scope) : UndefinedValue.Instance;
            case TemplateNode.Member member: return EvaluateMember(member, scope);
            case TemplateNode.Filter filter: return ApplyFilter(Evaluate(filter.Operand, scope), filter.Name, scope);
            case TemplateNode.Test test: return BoolValue.Of(Tests.Holds(test.Name, Evaluate(test.Operand, scope), null) != test.Negated);
            case TemplateNode.Call call:
                CallArguments arguments = EvaluateArguments(call.Arguments, scope);
                TemplateValue callee = Evaluate(call.Callee, scope);
                return callee is FunctionValue function ? function.Invoke(arguments, scope) : throw TemplateException.Runtime($"a {callee.Kind} cannot be called");
            default: throw TemplateException.Runtime("not an expression: " + node.GetType().Name);
        }
    }

    private MapValue EvaluateObject(TemplateNode.Object literal, Scope scope)
    {
        var entries = new OrderedDictionary<string, TemplateValue>();
        foreach ((TemplateNode key, TemplateNode value) in literal.Entries)
        {
            if (Evaluate(key, scope) is not StringValue name) throw TemplateException.Runtime("a mapping's keys are strings");
            entries[name.Value] = Evaluate(value, scope);
        }
        return new MapValue(entries);
    }

    private TemplateValue EvaluateUnary(TemplateNode.Unary unary, Scope scope)
    {
        TemplateValue operand = Evaluate(unary.Operand, scope);
        if (unary.Operator == "not") return BoolValue.Of(!operand.IsTrue);
        double sign = unary.Operator == "-" ? -1 : 1;
        return operand switch
        {
            NumberValue number => new NumberValue(sign * number.Value, number.IsFloat),
            BoolValue flag => new NumberValue(sign * (flag.Value ? 1 : 0), isFloat: false),
            _ => throw TemplateException.Runtime($"a {operand.Kind} has no sign"),
        };
    }

    private TemplateValue EvaluateBinary(TemplateNode.Binary binary, Scope scope)
    {
        TemplateValue left = Evaluate(binary.Left, scope);
        if (binary.Operator == "and") return left.IsTrue ? Evaluate(binary.Right, scope) : left;
        if (binary.Operator == "or") return left.IsTrue ? left : Evaluate(binary.Right, scope);
        return Operators.Apply(binary.Operator, left, Evaluate(binary.Right, scope), _limits);
    }

    private TemplateValue EvaluateMember(TemplateNode.Member member, Scope scope)
    {
        TemplateValue target = Evaluate(member.Target, scope);
        if (member is { Computed: true, Property: TemplateNode.Slice slice })
        {
            return Slicing.Apply(target, Evaluate(slice.Start, scope), Evaluate(slice.Stop, scope), Evaluate(slice.Step, scope), _limits);
        }
        TemplateValue property = member.Computed ? Evaluate(member.Property, scope)
            : member.Property is TemplateNode.Identifier name ? new StringValue(name.Name)
            : Evaluate(member.Property, scope);
        return _methods.Member(target, property);
    }
}
