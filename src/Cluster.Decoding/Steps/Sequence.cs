using System.Diagnostics;
using Cluster.Decoding.Sampling;
using Cluster.Grammar;
using Cluster.Grammar.Masks;

namespace Cluster.Decoding.Steps;

internal enum SequencePhase
{
    /// <summary>In the queue, without a slot.</summary>
    Waiting,

    /// <summary>Owns a slot; its prompt is being processed.</summary>
    Prefilling,

    /// <summary>Owns a slot of the decode range.</summary>
    Decoding,

    Ended,
}

/// <summary>
/// One running generation. There is no "prompt phase" in its data: it has tokens, some of which the model has processed, and every step
/// catches it up. Belongs to the engine's thread once submitted.
/// </summary>
internal sealed class Sequence
{
    private int[] _tokens;

    public Sequence(SequenceSubmission submission, long number, GrammarMatcher? matcher, DateTimeOffset submittedAt = default)
    {
        Clock = new SequenceClock(submittedAt, hasMasks: matcher is not null);
        Submission = submission;
        Number = number;
        Matcher = matcher;
        BudgetNarrowed = submission.Journal.BudgetNarrowed;
        PromptLength = submission.Journal.PromptTokens.Length;
        Delivered = submission.Journal.EmittedTokens.AsSpan().Length;
        Count = PromptLength + Delivered;
        _tokens = new int[Count + Math.Clamp(Journal.TokensMax - Delivered, 0, 256)];
        Journal.PromptTokens.AsSpan().CopyTo(_tokens);
        Journal.EmittedTokens.AsSpan().CopyTo(_tokens.AsSpan(PromptLength));
        if (!TokenHistory.IsNeeded(Journal.Sampling)) return;
        History = new TokenHistory();
        History.AddPrompt(Journal.PromptTokens.AsSpan());
        foreach (int token in Journal.EmittedTokens.AsSpan()) History.AddEmitted(token);
    }

    public SequenceSubmission Submission { get; }

    /// <summary>When it got how far, and what its masks took.</summary>
    public SequenceClock Clock { get; }

    public SequenceJournal Journal => Submission.Journal;

    /// <summary>Number in this engine, from 1, in order of submission.</summary>
    public long Number { get; }

    public SequencePhase Phase { get; set; } = SequencePhase.Waiting;

    /// <summary>-1 where it owns none.</summary>
    public int Slot { get; set; } = -1;

    public int PromptLength { get; }

    /// <summary>Prompt, then everything emitted.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    public int Count { get; private set; }

    /// <summary>Tokens whose keys and values lie in the slot.</summary>
    public int Processed { get; set; }

    public int Pending => Count - Processed;

    public int Emitted => Count - PromptLength;

    /// <summary>Tokens that may still be emitted.</summary>
    public int TokensLeft => Journal.TokensMax - Emitted;

    /// <summary>Of the emitted tokens, how many a sink has got, in this attempt or an earlier one.</summary>
    public int Delivered { get; set; }

    /// <summary>Set once the first delta of this attempt is out.</summary>
    public bool HasDelivered { get; set; }

    public int CachedPromptTokens { get; set; }

    /// <summary>After everything in <see cref="Tokens"/>; null for free text.</summary>
    public GrammarMatcher? Matcher { get; set; }

    public TokenHistory? History { get; }

    /// <summary>Allowed next tokens, once the mask phase has run.</summary>
    public TokenMask? Mask { get; set; }

    /// <summary>What the mask phase threw: a bug in the grammar, which fails this sequence alone.</summary>
    public Exception? MaskError { get; set; }

    /// <summary>Some mask was narrower because of the budget: the model did not close the document alone.</summary>
    public bool BudgetNarrowed { get; set; }

    /// <summary>The caller has gone, or its sink threw.</summary>
    public bool IsCancelled { get; set; }

    public bool WantsLogprobs => Journal.Sampling.TopLogprobs is not null;

    /// <summary>Log-probabilities of tokens that are not delivered yet; null where none are asked for.</summary>
    public List<TokenLogprob>? Logprobs { get; set; }

    /// <summary>Still to be processed, prompt and budget.</summary>
    public long OutstandingTokens => Pending + Math.Max(TokensLeft, 0);

    /// <summary>The matcher, moved to new tables if a long answer has made its own too large. For sequences that have one.</summary>
    public GrammarMatcher BoundMatcher()
    {
        GrammarMatcher matcher = Submission.Grammar!.InBoundedTables(Matcher!.Value, Tokens[PromptLength..]);
        Matcher = matcher;
        return matcher;
    }

    public void Append(int token)
    {
        Debug.Assert(TokensLeft > 0, "a token within the budget");
        if (Count == _tokens.Length) Array.Resize(ref _tokens, Math.Max(Count * 2, 16));
        _tokens[Count++] = token;
        History?.AddEmitted(token);
    }
}
