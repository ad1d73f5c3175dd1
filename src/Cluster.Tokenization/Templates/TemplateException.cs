namespace Cluster.Tokenization.Templates;

public enum TemplateError
{
    /// <summary>The template is not well formed.</summary>
    Syntax,

    /// <summary>The template did something that has no meaning: called a string, compared a number with a list.</summary>
    Runtime,

    /// <summary>The template called raise_exception: these messages are not what the model was trained for.</summary>
    Raised,

    /// <summary>A bound of <see cref="TemplateOptions"/> was reached.</summary>
    LimitExceeded,
}

/// <summary>A chat template could not be read or rendered.</summary>
public sealed class TemplateException(TemplateError error, string message) : Exception(message)
{
    public TemplateError Error { get; } = error;

    internal static TemplateException Syntax(string message) => new(TemplateError.Syntax, "chat template: " + message);

    internal static TemplateException Runtime(string message) => new(TemplateError.Runtime, "chat template: " + message);

    internal static TemplateException Limit(string option) => new(TemplateError.LimitExceeded, $"chat template: the limit TemplateOptions.{option} is reached");
}
