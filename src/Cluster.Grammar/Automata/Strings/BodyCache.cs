namespace Cluster.Grammar.Automata.Strings;

/// <summary>The byte automata of string languages, shared by all the schemas that hold them.</summary>
internal static class BodyCache
{
    private static readonly LeafCache<(Node, bool, bool), StringBodyDfa> Automata = LeafCache<(Node, bool, bool), StringBodyDfa>.Shared(256, static dfa => 1_024 + dfa.Bytes);

    public static StringBodyDfa Get(Node node, bool oneSpelling, bool tellsLiterals)
    {
        var key = (node, oneSpelling, tellsLiterals);
        return Automata.TryGet(key, out var known) ? known : Automata.Add(key, new StringBodyDfa(node, oneSpelling, tellsLiterals));
    }
}
