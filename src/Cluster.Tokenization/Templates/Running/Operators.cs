using System.Globalization;
using Cluster.Tokenization.Templates.Values;

namespace Cluster.Tokenization.Templates.Running;

/// <summary>Binary operators but for "and" and "or".</summary>
internal static class Operators
{
    public static TemplateValue Apply(string name, TemplateValue left, TemplateValue right, RenderLimits limits)
    {
        if (name is "==" or "!=") return BoolValue.Of(LooselyEqual(left, right, limits) == (name == "=="));
        if (left is UndefinedValue || right is UndefinedValue)
        {
            if (right is UndefinedValue && name is "in" or "not in") return BoolValue.Of(name == "not in");
            throw TemplateException.Runtime($"{name} on an undefined value");
        }
        if (left is NoneValue || right is NoneValue) throw TemplateException.Runtime($"{name} on none");
        if (name == "~") return Concatenate(left, right, limits);
        if (name == "**" && Numeric(left) is { } b && Numeric(right) is { } e) return Power(b, e, IsFloat(left) || IsFloat(right));
        if (left is NumberValue x && right is NumberValue y) return Arithmetic(name, x, y) ?? throw Unknown(name, left, right);
        if (left is ListValue first && right is ListValue second && name == "+")
        {
            limits.StepItems(first.Items.Count + second.Items.Count);
            return new ListValue([.. first.Items, .. second.Items]);
        }
        if (right is ListValue list && left is not ListValue && name is "in" or "not in")
        {
            limits.StepItems(((ListValue)right).Items.Count);
            return BoolValue.Of(((ListValue)right).Items.Any(item => StrictlyEqual(item, left)) == (name == "in"));
        }
        if (name == "+" && (left is StringValue || right is StringValue)) return Concatenate(left, right, limits);
        if (left is StringValue needle && name is "in" or "not in" && left is StringValue)
        {
            bool? found = right switch
            {
                StringValue text => text.Value.Contains(((StringValue)left).Value, StringComparison.Ordinal),
                MapValue { IsNamespace: false } map => map.Entries.ContainsKey(((StringValue)left).Value),
                _ => null,
            };
            if (found is { } isIn) return BoolValue.Of(isIn == (name == "in"));
        }
        throw Unknown(name, left, right);
    }

    /// <summary>The values themselves: of one kind, and equal; lists and mappings only when they are the same object.</summary>
    public static bool StrictlyEqual(TemplateValue left, TemplateValue right) => (left, right) switch
    {
        (StringValue a, StringValue b) => a.Value == b.Value,
        (NumberValue a, NumberValue b) => a.Value == b.Value,
        (BoolValue a, BoolValue b) => a.Value == b.Value,
        (NoneValue, NoneValue) or (UndefinedValue, UndefinedValue) => true,
        _ => ReferenceEquals(left, right),
    };

    /// <summary>== of the reference implementation is ECMAScript's: none equals undefined, and a number equals the string that spells it.</summary>
    private static bool LooselyEqual(TemplateValue left, TemplateValue right, RenderLimits limits)
    {
        if (left.GetType() == right.GetType()) return StrictlyEqual(left, right);
        if (left is NoneValue or UndefinedValue) return right is NoneValue or UndefinedValue;
        if (right is NoneValue or UndefinedValue) return false;
        if (left is BoolValue or NumberValue or StringValue && right is BoolValue or NumberValue or StringValue) return ToNumber(left) == ToNumber(right);
        (TemplateValue container, TemplateValue plain) = left is ListValue or MapValue ? (left, right) : (right, left);
        if (container is not (ListValue or MapValue) || plain is ListValue or MapValue or FunctionValue) return false;
        return LooselyEqual(new StringValue(container.ToJoined(limits)), plain, limits);
    }

    private static double ToNumber(TemplateValue value)
    {
        if (Numeric(value) is { } number) return number;
        string text = Syntax.WhiteSpaceControl.Trim(((StringValue)value).Value);
        if (text.Length == 0) return 0;
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out double parsed) ? parsed : double.NaN;
    }

    private static double? Numeric(TemplateValue value) => value switch
    {
        NumberValue number => number.Value,
        BoolValue flag => flag.Value ? 1 : 0,
        _ => null,
    };

    private static bool IsFloat(TemplateValue value) => value is NumberValue { IsFloat: true };

    private static StringValue Concatenate(TemplateValue left, TemplateValue right, RenderLimits limits)
    {
        string first = left.ToJoined(limits), second = right.ToJoined(limits);
        limits.Text((long)first.Length + second.Length);
        return new StringValue(first + second);
    }

    private static NumberValue Power(double number, double exponent, bool isFloat)
    {
        double result = Math.Pow(number, exponent);
        return double.IsFinite(result) ? new NumberValue(result, isFloat || exponent < 0) : throw TemplateException.Runtime("** has no finite result");
    }

    private static TemplateValue? Arithmetic(string name, NumberValue left, NumberValue right)
    {
        double x = left.Value, y = right.Value;
        bool isFloat = left.IsFloat || right.IsFloat;
        return name switch
        {
            "+" => new NumberValue(x + y, isFloat),
            "-" => new NumberValue(x - y, isFloat),
            "*" => new NumberValue(x * y, isFloat),
            "/" => new NumberValue(x / y, isFloat: true),
            "//" => new NumberValue(Math.Floor(x / y), isFloat),
            "%" => new NumberValue(x % y, isFloat),
            "<" => BoolValue.Of(x < y),
            ">" => BoolValue.Of(x > y),
            "<=" => BoolValue.Of(x <= y),
            ">=" => BoolValue.Of(x >= y),
            _ => null,
        };
    }

    private static TemplateException Unknown(string name, TemplateValue left, TemplateValue right) =>
        TemplateException.Runtime($"no operator {name} between {left.Kind} and {right.Kind}");
}
