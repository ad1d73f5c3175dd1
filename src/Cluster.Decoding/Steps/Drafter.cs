using Cluster.Grammar;
using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Decoding.Steps;

/// <summary>
/// Guesses the next tokens of one sequence, for the model to check all at once. A wrong guess costs a wider step and changes nothing. Each
/// guess comes from the first of these that has one:
/// <list type="number">
/// <item>the grammar, where it leaves no choice of text;</item>
/// <item>the caller's prediction, from where it agrees with the output so far (<see cref="PredictionLookup"/>);</item>
/// <item>prompt and output so far: what followed the same tokens there (<see cref="PromptLookup"/>), as far as the grammar allows it;</item>
/// <item>the grammar, where it leaves little choice: the token that was emitted last among those allowed, else the one that leads to the
/// end soonest.</item>
/// </list>
/// So a guess goes on past the end of a value, over the keys that must follow it, into the next value.
/// </summary>
internal sealed class Drafter(ForcedRuns forcedRuns, Vocabulary vocabulary, EngineOptions options)
{
    /// <summary>Tokens of a mask that leaves little choice.</summary>
    private const int ShortMax = 16;

    private readonly int[] _drafts = new int[Math.Max(1, Math.Max(options.DraftTokensMax, options.PredictedTokensMax))];

    /// <summary>Prompt, output and the guesses so far.</summary>
    private int[] _text = [];
    private int _count;

    /// <summary>Penalties, log-probabilities and delayed ends depend on every token chosen before: those sequences go one by
    /// one.</summary>
    public static bool Suits(Sequence sequence)
        => sequence.History is null && !sequence.WantsLogprobs && sequence.Journal.Sampling.TokensMin == 0;

    /// <param name="sequence">Whose tokens are guessed.</param>
    /// <param name="most">No more than these.</param>
    /// <returns>The guesses, valid until the next call; bit i is set where guess i came from the caller's prediction.</returns>
    public (ArraySegment<int> Drafts, ulong Predicted) Draft(Sequence sequence, int most)
    {
        int start = sequence.Count, end = start + Math.Min(most, _drafts.Length), followed = -1;
        if (end <= start) return (ArraySegment<int>.Empty, 0);
        ulong predicted = 0;
        int expected = PredictionLookup.Find(sequence.Journal.Prediction.AsSpan(), sequence.Tokens[sequence.PromptLength..]);
        if (_text.Length < end) _text = new int[Math.Max(end, 2 * _text.Length)];
        sequence.Tokens.CopyTo(_text);
        _count = start;
        GrammarMatcher? matcher = sequence.Matcher;
        while (_count < end)
        {
            // 1. No choice
            if (matcher is { } current && TryForced(sequence, current, end, out GrammarMatcher after))
            {
                (matcher, followed) = (after, -1);
                expected = PredictionLookup.Find(sequence.Journal.Prediction.AsSpan(), _text.AsSpan(sequence.PromptLength, _count - sequence.PromptLength));
                continue;
            }

            // 2. Predicted
            if (expected >= 0 && expected < sequence.Journal.Prediction.Length && TryAdd(sequence.Journal.Prediction[expected], ref matcher))
            {
                predicted |= 1UL << (_count - 1 - start);
                (expected, followed) = (expected + 1, -1);
                continue;
            }
            expected = -1;

            // 3. Seen before; past the end of the tokens the guesses themselves go on: a loop stays a loop.
            if (followed < 0) followed = PromptLookup.Find(_text.AsSpan(0, _count));
            if (followed >= 0 && TryAdd(_text[followed], ref matcher))
            {
                followed++;
                continue;
            }

            // 4. Little choice
            followed = -1;
            if (matcher is not { } state || !TryAdd(Likeliest(state, sequence), ref matcher)) break;
        }
        int drafted = _count - start;
        _text.AsSpan(start, drafted).CopyTo(_drafts);
        return (new ArraySegment<int>(_drafts, 0, drafted), predicted);
    }

    private bool TryForced(Sequence sequence, GrammarMatcher matcher, int end, out GrammarMatcher after)
    {
        after = matcher;
        int tokensLeft = sequence.TokensLeft - (_count - sequence.Count);
        ReadOnlySpan<int> run = forcedRuns.Find(_text.AsSpan(sequence.PromptLength, _count - sequence.PromptLength), ref after, tokensLeft, isGuess: true);
        int taken = Math.Min(run.Length, end - _count);
        run[..taken].CopyTo(_text.AsSpan(_count));
        _count += taken;
        return taken > 0;
    }

    private bool TryAdd(int token, ref GrammarMatcher? matcher)
    {
        if (token < 0 || vocabulary.IsEnd(token)) return false;
        if (matcher is { } current)
        {
            if (!current.TryAdvance(token, out GrammarMatcher next)) return false;
            matcher = next;
        }
        _text[_count++] = token;
        return true;
    }

    /// <returns>-1 where the choice is wide.</returns>
    private int Likeliest(GrammarMatcher matcher, Sequence sequence)
    {
        TokenMask mask = matcher.GetMask(sequence.TokensLeft - (_count - sequence.Count));
        if (!mask.IsList || mask.Ids.Length > ShortMax) return -1;
        int last = _text.AsSpan(sequence.PromptLength, _count - sequence.PromptLength).LastIndexOfAny(mask.Ids);
        if (last >= 0) return _text[sequence.PromptLength + last];
        int best = -1, bestLeft = int.MaxValue;
        foreach (int id in mask.Ids)
        {
            if (!matcher.TryAdvance(id, out GrammarMatcher next) || next.TokensToComplete >= bestLeft) continue;
            (best, bestLeft) = (id, next.TokensToComplete);
        }
        return best;
    }
}
