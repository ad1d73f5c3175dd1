using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>
/// To which schema each dynamic anchor leads on the present path: the outermost resource that declares it wins. Interned; there are
/// finitely many, so a predicate of a recursive schema stays one of finitely many pairs (schema, scope).
/// </summary>
internal sealed class DynamicScope
{
    public static readonly DynamicScope Empty = new([]);

    private readonly Dictionary<string, SchemaNode> _targets;
    private readonly Dictionary<SchemaResource, DynamicScope> _entered = [];
    private readonly Dictionary<string, DynamicScope> _interned;
    private readonly int _id;

    private DynamicScope(Dictionary<string, SchemaNode> targets, Dictionary<string, DynamicScope>? interned = null)
    {
        _targets = targets;
        _interned = interned ?? [];
        _id = _interned.Count;
    }

    public override int GetHashCode() => _id;

    /// <summary>A scope of its own for one machine: scopes entered from it are interned with it.</summary>
    public static DynamicScope NewRoot() => new([]);

    public SchemaNode? Find(string anchor) => _targets.GetValueOrDefault(anchor);

    public DynamicScope Enter(SchemaResource? resource)
    {
        if (resource is null || resource.DynamicAnchors.Count == 0) return this;
        if (_entered.TryGetValue(resource, out DynamicScope? known)) return known;
        var targets = new Dictionary<string, SchemaNode>(_targets);
        foreach ((string name, SchemaNode node) in resource.DynamicAnchors) targets.TryAdd(name, node);
        if (targets.Count == _targets.Count) return _entered[resource] = this;
        string content = string.Join(' ', targets.OrderBy(static x => x.Key, StringComparer.Ordinal).Select(static x => $"{x.Key}={x.Value.Id}"));
        if (!_interned.TryGetValue(content, out DynamicScope? scope)) _interned[content] = scope = new DynamicScope(targets, _interned);
        return _entered[resource] = scope;
    }
}
