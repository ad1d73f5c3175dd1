using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Cluster.Decoding;

/// <summary>An option that is out of its bounds.</summary>
/// <param name="Name">The property.</param>
/// <param name="Message">What it is and what it may be: a clause that follows the name.</param>
public sealed record OptionFault(string Name, string Message)
{
    public override string ToString() => $"{Name} {Message}";
}

/// <summary>The one reader of the bounds that options carry as validation attributes.</summary>
public static class OptionsCheck
{
    /// <summary>Every fault of an options object, each with its cure; empty if there is none.</summary>
    public static IReadOnlyList<OptionFault> FaultsOf(object options)
    {
        var faults = new List<OptionFault>();
        foreach (PropertyInfo property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetIndexParameters().Length > 0) continue;
            object? value = property.GetValue(options);
            foreach (ValidationAttribute attribute in property.GetCustomAttributes<ValidationAttribute>(inherit: true))
            {
                if (attribute.IsValid(value)) continue;
                faults.Add(new OptionFault(property.Name, Explain(attribute, value)));
            }
        }
        return faults;
    }

    private static string Explain(ValidationAttribute attribute, object? value) => attribute switch
    {
        _ when attribute.ErrorMessage is { } own => $"is '{value}'; it {own}",
        RangeAttribute range => string.Create(CultureInfo.InvariantCulture, $"is {value}; it must be {range.Minimum} to {range.Maximum}"),
        RegularExpressionAttribute pattern => $"is '{value}'; it must match {pattern.Pattern}",
        RequiredAttribute => "is empty; it must be set",
        StringLengthAttribute length => $"has {(value as string)?.Length} characters; it must have {length.MinimumLength} to {length.MaximumLength}",
        _ => $"is '{value}': {attribute.FormatErrorMessage("it")}",
    };
}
