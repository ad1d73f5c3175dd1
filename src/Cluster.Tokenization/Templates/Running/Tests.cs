using Cluster.Tokenization.Templates.Values;

namespace Cluster.Tokenization.Templates.Running;

/// <summary>The tests after "is", and those that selectattr names.</summary>
internal static class Tests
{
    public static bool Holds(string name, TemplateValue value, TemplateValue? argument) => name switch
    {
        "boolean" => value is BoolValue,
        "callable" => value is FunctionValue,
        "odd" => Remainder(value, name) != 0,
        "even" => Remainder(value, name) == 0,
        "false" => value is BoolValue { Value: false },
        "true" => value is BoolValue { Value: true },
        "none" => value is NoneValue,
        "string" => value is StringValue,
        "number" => value is NumberValue,
        "integer" => value is NumberValue { IsFloat: false },
        "float" => value is NumberValue { IsFloat: true },
        "iterable" => value is ListValue { IsTuple: false } or StringValue,
        "mapping" => value is MapValue { IsNamespace: false },
        "sequence" => value is ListValue or MapValue { IsNamespace: false } or StringValue,
        "lower" => value is StringValue text && text.Value == TextCase.Lower(text.Value),
        "upper" => value is StringValue text && text.Value == TextCase.Upper(text.Value),
        "defined" => value is not UndefinedValue,
        "undefined" => value is UndefinedValue,
        "equalto" or "eq" => Operators.StrictlyEqual(value, argument ?? throw TemplateException.Runtime($"the test {name} compares with something")),
        _ => throw TemplateException.Runtime("unknown test " + name),
    };

    private static double Remainder(TemplateValue value, string name) =>
        value is NumberValue { IsFloat: false } number ? number.Value % 2 : throw TemplateException.Runtime($"a {value.Kind} is neither odd nor even ({name})");
}
