using System.Text;
using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>
/// Compares masks with what they are defined to be. A token that the engine refuses must begin no known text; one that it allows
/// must begin a known text or, where the known texts do not reach, a completion that the engine makes and the second reader accepts.
/// So nothing valid is cut and no dead end is entered, also where the language is infinite.
/// </summary>
/// <param name="isInLanguage">The slow definition: validator, spelling, order and white space.</param>
internal sealed class ViablePrefixOracle(CompiledGrammar grammar, Vocabulary vocabulary, Func<string, bool> isInLanguage)
{
    private readonly byte[][] _tokens = [.. Enumerable.Range(0, vocabulary.Size).Select(id => vocabulary.BytesOf(id).ToArray())];
    private readonly TextTrie _known = new();
    private readonly List<(TextTrie.Node Node, int Bound)> _bounds = [];

    public List<string> Failures { get; } = [];

    public int States { get; private set; }

    public int Certificates { get; private set; }

    /// <summary>States whose bound is the fewest tokens, among those for which the known texts tell.</summary>
    public (int Exact, int Of) Bounds { get; private set; }

    /// <param name="texts">Texts of the language: all of them up to some length, or some of them.</param>
    public void Check(IEnumerable<string> texts, int statesMax = int.MaxValue)
    {
        foreach (string text in texts) _known.Add(Encoding.UTF8.GetBytes(text));
        var open = new Queue<(TextTrie.Node Node, GrammarMatcher Matcher, byte[] Prefix)>();
        open.Enqueue((_known.Root, GrammarMatcher.Start(grammar, vocabulary), []));
        while (open.TryDequeue(out var state) && States < statesMax && Failures.Count < 5)
        {
            States++;
            CheckState(state.Node, state.Matcher, state.Prefix);
            foreach (var (value, next) in state.Node.Next.ToArray())
            {
                // A refused byte was reported by the check above.
                if (state.Matcher.TryAdvance(ByteToken(value), out var matcher)) open.Enqueue((next, matcher, [.. state.Prefix, value]));
            }
        }
        _known.CountTokens(_tokens);
        var told = _bounds.Where(it => it.Node.Fewest < int.MaxValue).ToList();
        Bounds = (told.Count(it => it.Bound <= it.Node.Fewest), told.Count);
    }

    private void CheckState(TextTrie.Node node, GrammarMatcher matcher, byte[] prefix)
    {
        var mask = matcher.GetMask();
        _bounds.Add((node, matcher.TokensToComplete));
        if (mask.IsNarrowed) Fail(prefix, "the mask is narrowed");
        if (matcher.IsComplete != node.IsText)
        {
            if (node.IsText || !isInLanguage(Encoding.UTF8.GetString(prefix))) Fail(prefix, node.IsText ? "is a text, and may not end" : "is no text, and may end");
            node.IsText = matcher.IsComplete;
        }
        if (mask.Allows(vocabulary.EndIds[0]) != matcher.IsComplete) Fail(prefix, "end of sequence and IsComplete disagree");
        if (matcher.IsComplete && matcher.TokensToComplete != 0) Fail(prefix, "is complete and needs tokens");
        bool isEmpty = true;
        for (int token = 0; token < _tokens.Length; token++)
        {
            if (vocabulary.IsSpecial(token) || _tokens[token].Length == 0) continue;
            bool isAllowed = mask.Allows(token);
            isEmpty &= !isAllowed;
            if (matcher.TryAdvance(token, out var next) != isAllowed)
            {
                Fail(prefix, $"mask and TryAdvance disagree on {Name(token)}");
                continue;
            }
            bool isKnown = node.Follow(_tokens[token]) is not null;
            if (isKnown && !isAllowed) Fail(prefix, $"a text goes on with {Name(token)}, which is refused");
            if (isAllowed && !isKnown) Certify(next, [.. prefix, .. _tokens[token]]);
        }
        if (isEmpty && !matcher.IsComplete) Fail(prefix, "the mask is empty");
    }

    /// <summary>Completes within the bound, whatever is chosen, and has the result checked.</summary>
    private void Certify(GrammarMatcher matcher, byte[] prefix)
    {
        Certificates++;
        var text = new List<byte>(prefix);
        for (int left = matcher.TokensToComplete; !matcher.IsComplete; left--)
        {
            int token = First(matcher.GetMask(left));
            if (left <= 0 || token < 0 || !matcher.TryAdvance(token, out matcher))
            {
                Fail(prefix, $"is allowed and does not end within its bound (at {Encoding.UTF8.GetString([.. text])}, {left} left)");
                return;
            }
            text.AddRange(_tokens[token]);
        }
        string whole = Encoding.UTF8.GetString([.. text]);
        if (isInLanguage(whole)) _known.Add([.. text]);
        else Fail(prefix, $"is allowed, and its completion {whole} is not in the language");
    }

    private int First(TokenMask mask) => Enumerable.Range(0, _tokens.Length).FirstOrDefault(id => !vocabulary.IsSpecial(id) && mask.Allows(id), -1);

    private int ByteToken(byte value) => Array.FindIndex(_tokens, token => token.Length == 1 && token[0] == value);

    private string Name(int token) => $"‹{Encoding.UTF8.GetString(_tokens[token])}›";

    private void Fail(byte[] prefix, string what) => Failures.Add($"after ‹{Encoding.UTF8.GetString(prefix)}›: {what}");
}
