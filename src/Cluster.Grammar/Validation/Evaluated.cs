namespace Cluster.Grammar.Validation;

/// <summary>Which members or items of one value some successful keyword has looked at: what <c>unevaluated*</c> leaves out.</summary>
internal sealed class Evaluated
{
    private HashSet<string>? _names;
    private HashSet<int>? _items;
    private int _prefix;

    public void AddName(string name) => (_names ??= new HashSet<string>(StringComparer.Ordinal)).Add(name);

    /// <summary>Items before <paramref name="count"/>.</summary>
    public void AddPrefix(int count) => _prefix = Math.Max(_prefix, count);

    public void AddItem(int index) => (_items ??= []).Add(index);

    public bool HasName(string name) => _names?.Contains(name) == true;

    public bool HasItem(int index) => index < _prefix || _items?.Contains(index) == true;

    public void Add(Evaluated other)
    {
        _prefix = Math.Max(_prefix, other._prefix);
        if (other._names is not null) (_names ??= new HashSet<string>(StringComparer.Ordinal)).UnionWith(other._names);
        if (other._items is not null) (_items ??= []).UnionWith(other._items);
    }
}
