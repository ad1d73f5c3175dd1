using System.Text;
using Cluster.Grammar;
using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Decoding.Steps;

/// <summary>
/// Appends text that the grammar leaves no choice about, without asking the model for each token.
/// <para>
/// 1. Ask the matcher for the bytes that every continuation begins with. 2. Tokenise them canonically, after the last few emitted tokens.
/// 3. Leave the last token to the model where what follows could lengthen it. 4. Check every token against matcher and budget, and
/// append.
/// </para>
/// A pure function of tokens, state and options: a replay makes the same runs, on any machine, under any load.
/// </summary>
internal sealed class ForcedRuns(ITokenizer tokenizer, EngineOptions options)
{
    /// <summary>Emitted tokens before the run that the tokeniser sees: enough for its word splitting.</summary>
    public const int ContextTokens = 8;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly Vocabulary _vocabulary = tokenizer.Vocabulary;

    /// <summary>Whether runs of this sequence are appended without asking the model. Not where every token's log-probability was asked
    /// for, which only the model has.</summary>
    public bool IsOnFor(Sequence sequence) => options.ForcedRuns && !sequence.WantsLogprobs && sequence.Matcher is not null;

    /// <returns>Tokens appended to the sequence.</returns>
    public int Append(Sequence sequence)
    {
        if (!IsOnFor(sequence)) return 0;
        GrammarMatcher matcher = sequence.Matcher!.Value;
        ReadOnlySpan<int> run = Find(sequence.Tokens[sequence.PromptLength..], ref matcher, sequence.TokensLeft);
        foreach (int token in run) sequence.Append(token);
        sequence.Matcher = matcher;
        return run.Length;
    }

    /// <summary>The run that comes next; changes nothing but the matcher.</summary>
    /// <param name="emitted">Tokens emitted so far, or the last <see cref="ContextTokens"/> of them.</param>
    /// <param name="matcher">Before the run, then after it.</param>
    /// <param name="tokensLeft">Tokens that may still be emitted.</param>
    /// <param name="isGuess">Also the last token where the model might choose a longer one.</param>
    public ReadOnlySpan<int> Find(ReadOnlySpan<int> emitted, ref GrammarMatcher matcher, int tokensLeft, bool isGuess = false)
    {
        // 1. Ask
        ReadOnlySpan<byte> forced = matcher.GetForcedBytes().Span;
        if (forced.IsEmpty) return [];

        // 2. Tokenise
        ReadOnlySpan<int> run = Tokenise(emitted, forced);

        int found = 0;
        foreach (int token in run)
        {
            // 3. Leave the last
            bool isLast = found == run.Length - 1;
            if (isLast && !isGuess && CouldBeLonger(matcher, token, tokensLeft)) break;

            // 4. Check
            if (!matcher.TryAdvance(token, out GrammarMatcher next) || next.TokensToComplete > tokensLeft - 1) break;
            matcher = next;
            tokensLeft--;
            found++;
        }
        return run[..found];
    }

    private ReadOnlySpan<int> Tokenise(ReadOnlySpan<int> emitted, ReadOnlySpan<byte> forced)
    {
        forced = forced[..WholeCharacters(forced)];
        if (forced.IsEmpty || IsContinuation(forced[0])) return [];
        byte[] context = ContextBytes(emitted);
        ReadOnlySpan<int> run = EncodeAfter(context, forced);
        return run.IsEmpty && context.Length > 0 ? EncodeAfter([], forced) : run;
    }

    /// <summary>Tokens of <paramref name="forced"/> in the canonical tokens of both together; empty where none begins exactly at the
    /// seam.</summary>
    private ReadOnlySpan<int> EncodeAfter(ReadOnlySpan<byte> context, ReadOnlySpan<byte> forced)
    {
        byte[] text = [.. context, .. forced];
        int[] ids;
        try
        {
            ids = tokenizer.Encode(StrictUtf8.GetString(text), parseSpecial: false);
        }
        catch (DecoderFallbackException)
        {
            return [];
        }

        // Some tokenisers put a space of their own before the text; it is no part of the document.
        int spelled = 0;
        foreach (int id in ids) spelled += _vocabulary.BytesOf(id).Length;
        int position = text.Length - spelled;
        if (position is not (0 or -1)) return [];
        for (int i = 0; i < ids.Length; i++)
        {
            if (position == context.Length) return IsSpelledBy(ids.AsSpan(i), forced) ? ids.AsSpan(i) : [];
            position += _vocabulary.BytesOf(ids[i]).Length;
        }
        return [];
    }

    private bool IsSpelledBy(ReadOnlySpan<int> ids, ReadOnlySpan<byte> text)
    {
        foreach (int id in ids)
        {
            ReadOnlySpan<byte> bytes = _vocabulary.BytesOf(id);
            if (!text.StartsWith(bytes)) return false;
            text = text[bytes.Length..];
        }
        return text.IsEmpty;
    }

    private byte[] ContextBytes(ReadOnlySpan<int> emitted)
    {
        var bytes = new List<byte>();
        foreach (int id in emitted[^Math.Min(ContextTokens, emitted.Length)..]) bytes.AddRange(_vocabulary.BytesOf(id));
        int start = 0;
        while (start < bytes.Count && IsContinuation(bytes[start])) start++;
        return [.. bytes[start..]];
    }

    /// <summary>Whether the matcher would also take a token that begins with this one and goes on.</summary>
    private bool CouldBeLonger(GrammarMatcher matcher, int token, int tokensLeft)
    {
        TokenMask mask = matcher.GetMask(tokensLeft);
        if (!mask.IsList) return true;
        ReadOnlySpan<byte> bytes = _vocabulary.BytesOf(token);
        foreach (int id in mask.Ids)
        {
            if (id != token && _vocabulary.BytesOf(id).StartsWith(bytes)) return true;
        }
        return false;
    }

    private static int WholeCharacters(ReadOnlySpan<byte> text)
    {
        int start = text.Length - 1;
        while (start > 0 && IsContinuation(text[start])) start--;
        int length = text[start] switch { < 0x80 => 1, < 0xE0 => 2, < 0xF0 => 3, _ => 4 };
        return start + length == text.Length ? text.Length : start;
    }

    private static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;
}
