using Cluster.Tokenization.Templates.Values;

namespace Cluster.Tokenization.Templates.Running;

/// <summary>Variables of one block; what it lacks is looked for outside.</summary>
internal sealed class Scope(Scope? outer = null)
{
    private readonly Dictionary<string, TemplateValue> _variables = [];

    public void Set(string name, TemplateValue value) => _variables[name] = value;

    public TemplateValue Get(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._variables.TryGetValue(name, out TemplateValue? value)) return value;
        }
        return UndefinedValue.Instance;
    }

    private Scope? Outer { get; } = outer;
}
