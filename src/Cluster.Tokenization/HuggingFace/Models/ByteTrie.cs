namespace Cluster.Tokenization.HuggingFace.Models;

/// <summary>All known pieces that a text begins with, shortest first.</summary>
internal sealed class ByteTrie
{
    private readonly Dictionary<int, int> _edges = [];
    private readonly List<int> _ids = [-1];

    public void Add(ReadOnlySpan<byte> form, int id)
    {
        int node = 0;
        foreach (byte value in form)
        {
            int key = (node << 8) | value;
            if (!_edges.TryGetValue(key, out int child))
            {
                child = _ids.Count;
                if (child >= 1 << 23) throw TokenizerException.Unsupported("a Unigram vocabulary of this size");
                _ids.Add(-1);
                _edges[key] = child;
            }
            node = child;
        }
        _ids[node] = id;
    }

    /// <summary>Goes from <paramref name="node"/> (0 at the start) over one byte; false where no piece goes on so.</summary>
    public bool TryStep(ref int node, byte value, out int id)
    {
        bool found = _edges.TryGetValue((node << 8) | value, out node);
        id = found ? _ids[node] : -1;
        return found;
    }
}
