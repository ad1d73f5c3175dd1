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
    private const int ContextTokens = 8;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly Vocabulary _vocabulary = tokenizer.Vocabulary;

    /// <returns>Tokens appended to the sequence.</returns>
    public int Append(Sequence sequence)
    {
        // Every token's log-probability was asked for, and only the model has it.
        if (!options.ForcedRuns || sequence.WantsLogprobs || sequence.Matcher is not { } matcher) return 0;

        // 1. Ask
        ReadOnlySpan<byte> forced = matcher.GetForcedBytes().Span;
        if (forced.IsEmpty) return 0;

        // 2. Tokenise
        ReadOnlySpan<int> run = Tokenise(sequence, forced);

        int appended = 0;
        foreach (int token in run)
        {
            // 3. Leave the last
            bool isLast = appended == run.Length - 1;
            if (isLast && CouldBeLonger(matcher, token, sequence.TokensLeft)) break;

            // 4. Check and append
            if (!matcher.TryAdvance(token, out GrammarMatcher next) || next.TokensToComplete > sequence.TokensLeft - 1) break;
            sequence.Append(token);
            sequence.Matcher = matcher = next;
            appended++;
        }
        return appended;
    }

    private ReadOnlySpan<int> Tokenise(Sequence sequence, ReadOnlySpan<byte> forced)
    {
        forced = forced[..WholeCharacters(forced)];
        if (forced.IsEmpty || IsContinuation(forced[0])) return [];
        byte[] context = ContextBytes(sequence);
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

    private byte[] ContextBytes(Sequence sequence)
    {
        var bytes = new List<byte>();
        ReadOnlySpan<int> emitted = sequence.Tokens[sequence.PromptLength..];
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
