using Cluster.Grammar;
using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Decoding.Steps;

/// <summary>
/// Visits the states that a sequence is likely to be in after this step, while the device is still busy: their masks and forced bytes are in
/// the grammar's cache when the step after this one, or its commit, asks for them. Likely are the tokens of a short mask, and within a string
/// the ones that end it. Changes nothing but time.
/// </summary>
/// <param name="statesMax">Most states per sequence and step.</param>
internal sealed class MaskLookahead(Vocabulary vocabulary, int statesMax)
{
    /// <summary>Tokens of a mask that leaves little choice.</summary>
    private const int ShortMax = 16;

    private readonly int[] _closers = statesMax == 0 ? [] : FindClosers(vocabulary);
    private readonly List<(GrammarMatcher Matcher, TokenMask Mask, int TokensLeft)> _entries = [];

    /// <summary>States visited so far.</summary>
    public long Count { get; private set; }

    public void Add(GrammarMatcher matcher, in TokenMask mask, int tokensLeft)
    {
        if (statesMax > 0 && tokensLeft > 1) _entries.Add((matcher, mask, tokensLeft));
    }

    /// <param name="mayGoOn">Asked before each state; false once the device is done.</param>
    public void Run(Func<bool> mayGoOn)
    {
        foreach (var (matcher, mask, tokensLeft) in _entries)
        {
            bool isShort = mask.IsList && mask.Ids.Length <= ShortMax;
            ReadOnlySpan<int> tokens = isShort ? mask.Ids : _closers;
            int visited = 0;
            for (int i = 0; i < tokens.Length && visited < statesMax && mayGoOn(); i++)
            {
                if (isShort || mask.Allows(tokens[i])) visited += TryVisit(matcher, tokens[i], tokensLeft) ? 1 : 0;
            }
        }
        _entries.Clear();
    }

    private bool TryVisit(GrammarMatcher matcher, int token, int tokensLeft)
    {
        if (vocabulary.IsEnd(token)) return false;
        try
        {
            if (!matcher.TryAdvance(token, out GrammarMatcher next)) return false;
            bool isNarrowed = false;
            BudgetMask.Get(next, tokensLeft - 1, ref isNarrowed);
            next.GetForcedBytes();
            Count++;
            return true;
        }
        catch (Exception)
        {
            // A bug in the grammar: it fails the sequence that really comes here.
            return false;
        }
    }

    private static int[] FindClosers(Vocabulary vocabulary)
    {
        var found = new List<int>();
        string[] closers = ["\"", "\",\"", "\":\"", "\"}", "\",", "\":", ",", "}", "]"];
        foreach (string closer in closers)
        {
            for (int id = 0; id < vocabulary.Size; id++)
            {
                if (vocabulary.IsSpecial(id) || !IsSpelled(vocabulary.BytesOf(id), closer)) continue;
                found.Add(id);
                break;
            }
        }
        return [.. found];
    }

    private static bool IsSpelled(ReadOnlySpan<byte> bytes, string text)
    {
        if (bytes.Length != text.Length) return false;
        for (int i = 0; i < bytes.Length; i++) if (bytes[i] != text[i]) return false;
        return true;
    }
}
