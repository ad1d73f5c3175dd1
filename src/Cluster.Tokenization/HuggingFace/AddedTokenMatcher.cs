using System.Buffers;
using Cluster.Tokenization.Patterns;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>Finds added tokens in text: leftmost first, the longest among those that start together.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<(int Node, char Next), int> _edges = [];
    private readonly List<AddedToken?> _ends = [null];
    private readonly SearchValues<char> _firstChars;

    public AddedTokenMatcher(IEnumerable<(string Spelling, AddedToken Token)> tokens)
    {
        var firstChars = new HashSet<char>();
        foreach ((string spelling, AddedToken token) in tokens)
        {
            if (spelling.Length == 0) continue;
            firstChars.Add(spelling[0]);
            int node = 0;
            foreach (char c in spelling)
            {
                if (!_edges.TryGetValue((node, c), out int child))
                {
                    child = _ends.Count;
                    _ends.Add(null);
                    _edges[(node, c)] = child;
                }
                node = child;
            }
            _ends[node] = token;
        }
        _firstChars = SearchValues.Create([.. firstChars]);
    }

    /// <summary>The next token at or after <paramref name="from"/>, or null; start and end include the white space that it swallows.</summary>
    /// <param name="textStart">Where free text may begin: white space before it belongs to the token before.</param>
    public AddedToken? Find(string text, int from, int textStart, out int start, out int end)
    {
        (start, end) = (-1, -1);
        for (int at = from; at < text.Length; at++)
        {
            int skip = text.AsSpan(at).IndexOfAny(_firstChars);
            if (skip < 0) return null;
            at += skip;
            AddedToken? token = LongestAt(text, at, out int length);
            if (token is null) continue;
            (start, end) = (at, at + length);
            if (token.SingleWord && !StandsAlone(text, start, end))
            {
                at = end - 1;
                continue;
            }
            if (token.LeftStrip)
            {
                while (start > textStart && char.IsWhiteSpace(text[start - 1])) start--;
            }
            if (token.RightStrip)
            {
                while (end < text.Length && char.IsWhiteSpace(text[end])) end++;
            }
            return token;
        }
        return null;
    }

    private AddedToken? LongestAt(string text, int at, out int length)
    {
        AddedToken? longest = null;
        length = 0;
        int node = 0;
        for (int i = at; i < text.Length && _edges.TryGetValue((node, text[i]), out node); i++)
        {
            if (_ends[node] is not { } token) continue;
            longest = token;
            length = i + 1 - at;
        }
        return longest;
    }

    private static bool StandsAlone(string text, int start, int end) =>
        (start == 0 || !CodePoints.IsWord(CodePoints.Before(text, start, out _))) && (end == text.Length || !CodePoints.IsWord(CodePoints.At(text, end, out _)));
}
