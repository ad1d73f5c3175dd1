using Cluster.Tokenization.Templates.Syntax;
using Cluster.Tokenization.Templates.Values;

namespace Cluster.Tokenization.Templates.Running;

/// <summary>Runs a template's statements and collects what they write.</summary>
internal sealed class StatementRunner
{
    private readonly RenderLimits _limits;
    private readonly ExpressionEvaluator _expressions;

    public StatementRunner(RenderLimits limits)
    {
        _limits = limits;
        _expressions = new ExpressionEvaluator(limits);
    }

    public string Run(IReadOnlyList<TemplateNode> body, Scope scope)
    {
        var text = new LimitedText(_limits);
        if (RunBlock(body, scope, text) != LoopSignal.None) throw TemplateException.Runtime("break or continue outside of a loop");
        return text.ToString();
    }

    private LoopSignal RunBlock(IReadOnlyList<TemplateNode> body, Scope scope, LimitedText text)
    {
        _limits.Enter();
        LoopSignal signal = LoopSignal.None;
        for (int i = 0; i < body.Count && signal == LoopSignal.None; i++) signal = RunOne(body[i], scope, text);
        _limits.Leave();
        return signal;
    }

    private LoopSignal RunOne(TemplateNode node, Scope scope, LimitedText text)
    {
        _limits.Step();
        switch (node)
        {
            case TemplateNode.Text literal:
                text.Append(literal.Value);
                break;
            case TemplateNode.Comment:
                break;
            case TemplateNode.If branch:
                return RunBlock(_expressions.Evaluate(branch.Condition, scope).IsTrue ? branch.Body : branch.Otherwise, scope, text);
            case TemplateNode.For loop:
                RunFor(loop, scope, text);
                break;
            case TemplateNode.Set set:
                Assign(set, scope);
                break;
            case TemplateNode.Macro macro:
                scope.Set(macro.Name, DefineMacro(macro.Name, macro.Parameters, macro.Special, macro.Body, callScope => callScope));
                break;
            case TemplateNode.CallBlock block:
                text.Append(RunCallBlock(block, scope).ToText(_limits));
                break;
            case TemplateNode.FilterBlock block:
                text.Append(_expressions.ApplyFilter(new StringValue(Run(block.Body, scope)), block.Name, scope).ToText(_limits));
                break;
            case TemplateNode.Break:
                return LoopSignal.Break;
            case TemplateNode.Continue:
                return LoopSignal.Continue;
            default:
                text.Append(_expressions.Evaluate(node, scope).ToText(_limits));
                break;
        }
        return LoopSignal.None;
    }

    private void RunFor(TemplateNode.For loop, Scope outer, LimitedText text)
    {
        var scope = new Scope(outer);
        var select = loop.Iterable as TemplateNode.Select;
        TemplateValue iterable = _expressions.Evaluate(select?.Value ?? loop.Iterable, scope);
        IReadOnlyList<TemplateValue> items = iterable switch
        {
            ListValue list => list.Items,
            MapValue { IsNamespace: false } map => [.. map.Entries.Keys.Select(key => new StringValue(key))],
            _ => throw TemplateException.Runtime($"a for loop cannot go over a {iterable.Kind}"),
        };
        if (select is not null) items = [.. items.Where(item => IsSelected(select.Condition, loop.Target, item, scope))];

        bool ran = false;
        for (int i = 0; i < items.Count; i++)
        {
            _limits.Step();
            scope.Set("loop", LoopVariable(items, i));
            Bind(loop.Target, items[i], scope, "a loop variable");
            int start = text.Length;
            LoopSignal signal = RunBlock(loop.Body, scope, text);
            if (signal == LoopSignal.None)
            {
                ran = true;
                continue;
            }
            // As in the reference implementation a turn that is cut short writes nothing, and does not count as a turn.
            text.CutTo(start);
            if (signal == LoopSignal.Break) break;
        }
        if (!ran && RunBlock(loop.Otherwise, scope, text) != LoopSignal.None) throw TemplateException.Runtime("break or continue outside of a loop");
    }

    private bool IsSelected(TemplateNode test, TemplateNode target, TemplateValue item, Scope outer)
    {
        var scope = new Scope(outer);
        Bind(target, item, scope, "a loop variable");
        return _expressions.Evaluate(test, scope).IsTrue;
    }

    private static MapValue LoopVariable(IReadOnlyList<TemplateValue> items, int i) => new(new OrderedDictionary<string, TemplateValue>
    {
        ["index"] = new NumberValue(i + 1, isFloat: false),
        ["index0"] = new NumberValue(i, isFloat: false),
        ["revindex"] = new NumberValue(items.Count - i, isFloat: false),
        ["revindex0"] = new NumberValue(items.Count - i - 1, isFloat: false),
        ["first"] = BoolValue.Of(i == 0),
        ["last"] = BoolValue.Of(i == items.Count - 1),
        ["length"] = new NumberValue(items.Count, isFloat: false),
        ["previtem"] = i > 0 ? items[i - 1] : UndefinedValue.Instance,
        ["nextitem"] = i + 1 < items.Count ? items[i + 1] : UndefinedValue.Instance,
    });

    private void Assign(TemplateNode.Set set, Scope scope)
    {
        TemplateValue value = set.Value is null ? new StringValue(Run(set.Body, scope)) : _expressions.Evaluate(set.Value, scope);
        if (set.Target is not TemplateNode.Member member)
        {
            Bind(set.Target, value, scope, "set");
            return;
        }
        if (_expressions.Evaluate(member.Target, scope) is not MapValue { IsNamespace: true } space) throw TemplateException.Runtime("only a namespace's attributes can be set");
        if (member.Property is not TemplateNode.Identifier attribute) throw TemplateException.Runtime("an attribute to set is a name");
        space.Entries[attribute.Name] = value;
    }

    private static void Bind(TemplateNode target, TemplateValue value, Scope scope, string what)
    {
        if (target is TemplateNode.Identifier name)
        {
            scope.Set(name.Name, value);
            return;
        }
        if (target is not TemplateNode.Tuple tuple) throw TemplateException.Runtime($"{what} takes a name or a tuple of names");
        if (value is not ListValue list) throw TemplateException.Runtime($"a {value.Kind} cannot be unpacked");
        if (list.Items.Count != tuple.Items.Count) throw TemplateException.Runtime($"{list.Items.Count} values for {tuple.Items.Count} names");
        for (int i = 0; i < tuple.Items.Count; i++)
        {
            if (tuple.Items[i] is not TemplateNode.Identifier item) throw TemplateException.Runtime($"{what} takes a name or a tuple of names");
            scope.Set(item.Name, list.Items[i]);
        }
    }

    /// <param name="outerOf">The scope in which the body runs, from that of the call.</param>
    private FunctionValue DefineMacro(string name, IReadOnlyList<Parameter> parameters, SpecialArguments special, IReadOnlyList<TemplateNode> body, Func<Scope, Scope> outerOf) =>
        new((arguments, callScope) =>
        {
            var scope = new Scope(outerOf(callScope));
            BindArguments(name, parameters, special, arguments, scope);
            return new StringValue(Run(body, scope));
        });

    /// <summary>Every name is bound before any default is evaluated, so that a default cannot see an outer variable of a later parameter's name.</summary>
    private void BindArguments(string name, IReadOnlyList<Parameter> parameters, SpecialArguments special, CallArguments arguments, Scope scope)
    {
        var keywords = new OrderedDictionary<string, TemplateValue>(arguments.Keywords);
        var defaults = new List<Parameter>();
        for (int i = 0; i < parameters.Count; i++)
        {
            TemplateValue? value = arguments.Get(i);
            if (value is null && keywords.Remove(parameters[i].Name, out TemplateValue? keyword)) value = keyword;
            if (value is null && parameters[i].Default is not null) defaults.Add(parameters[i]);
            scope.Set(parameters[i].Name, value ?? UndefinedValue.Instance);
        }
        if (special.HasFlag(SpecialArguments.Keywords)) scope.Set("kwargs", new MapValue(keywords));
        else if (keywords.Count > 0) throw TemplateException.Runtime($"macro {name} takes no keyword argument '{keywords.GetAt(0).Key}'");
        if (special.HasFlag(SpecialArguments.Positional)) scope.Set("varargs", new ListValue([.. arguments.Positional.Skip(parameters.Count)]));
        else if (arguments.Positional.Count > parameters.Count) throw TemplateException.Runtime($"macro {name} takes not more than {parameters.Count} arguments");
        foreach (Parameter parameter in defaults) scope.Set(parameter.Name, _expressions.Evaluate(parameter.Default!, scope));
    }

    private TemplateValue RunCallBlock(TemplateNode.CallBlock block, Scope scope)
    {
        FunctionValue caller = DefineMacro("caller", block.Parameters, block.Special, block.Body, _ => scope);
        CallArguments arguments = _expressions.EvaluateArguments(block.MacroCall.Arguments, scope);
        if (_expressions.Evaluate(block.MacroCall.Callee, scope) is not FunctionValue function) throw TemplateException.Runtime("call needs a macro");
        var inner = new Scope(scope);
        inner.Set("caller", caller);
        return function.Invoke(arguments, inner);
    }
}
