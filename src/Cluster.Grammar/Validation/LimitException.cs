using System.Runtime.CompilerServices;

namespace Cluster.Grammar.Validation;

/// <summary>A bound of the validator was met: the document is neither valid nor invalid for us. Never leaves this folder.</summary>
internal sealed class LimitException(ValidationOutcome outcome) : Exception
{
    public ValidationOutcome Outcome { get; } = outcome;

    public static void ThrowIfStackIsShort()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw new LimitException(ValidationOutcome.TooDeep);
    }
}

/// <summary>A schema that cannot be read. Never leaves this folder.</summary>
internal sealed class SchemaException(string pointer, string keyword, string message) : Exception(message)
{
    public SchemaError Error { get; } = new(pointer, keyword, message);
}
