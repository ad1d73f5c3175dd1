using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tags;

/// <summary>The tokens that may end a content and go on behind it: only these are walked while a content is open.</summary>
internal static class CrossingTokens
{
    /// <summary>The candidates behind one content, as a small trie; exact enough to leave out nothing.</summary>
    /// <param name="trie">The vocabulary.</param>
    /// <param name="next">What may follow the content.</param>
    /// <param name="mayEnd">Bytes that a text of the content may end with.</param>
    public static TextTrie Of(TokenTrie trie, TagEntry[] next, Func<byte, bool> mayEnd)
    {
        var literals = new List<byte[]>();
        bool isAny = false;
        foreach (TagEntry entry in next)
        {
            if (entry.Segment.Kind == SegmentKind.Literal && entry.Segment.Text.Length > entry.Position) literals.Add(entry.Segment.Text[entry.Position..]);
            else if (entry.Segment.Kind != SegmentKind.Done) isAny = true;
        }
        var ids = new List<int>();
        foreach (int id in trie.TokensInOrder)
        {
            if (MayCross(trie.Vocabulary.BytesOf(id), literals, isAny, mayEnd)) ids.Add(id);
        }
        return TextTrie.Of(trie.Vocabulary.Texts, ids);
    }

    private static bool MayCross(ReadOnlySpan<byte> token, List<byte[]> literals, bool isAny, Func<byte, bool> mayEnd)
    {
        for (int split = 1; split < token.Length; split++)
        {
            if (!mayEnd(token[split - 1])) continue;
            if (isAny) return true;
            ReadOnlySpan<byte> rest = token[split..];
            foreach (byte[] literal in literals)
            {
                int shared = Math.Min(rest.Length, literal.Length);
                if (rest[..shared].SequenceEqual(literal.AsSpan(0, shared))) return true;
            }
        }
        return false;
    }
}
