using Cluster.Grammar;
using Cluster.Tokenization;

namespace Cluster.Decoding;

/// <summary>What can be told about a submission before the queue is looked at: its fingerprint, its tokens, its place in its
/// grammar.</summary>
internal static class Submissions
{
    /// <returns><see cref="AdmissionOutcome.Admitted"/> if nothing speaks against it so far.</returns>
    public static AdmissionOutcome Check(
        SequenceSubmission submission, Vocabulary vocabulary, EngineOptions options, out GrammarMatcher? matcher, out Demand demand)
    {
        SequenceJournal journal = submission.Journal;
        matcher = null;
        demand = default;
        if (options.Fingerprint.Length > 0 && journal.Fingerprint != options.Fingerprint) return AdmissionOutcome.FingerprintMismatch;
        if (journal.Grammar is not null && submission.Grammar is null)
        {
            throw new ArgumentException("The journal has a grammar; submit it compiled.", nameof(submission));
        }
        if (journal.PromptTokens.IsDefaultOrEmpty || journal.TokensMax < 1) return AdmissionOutcome.Unserviceable;
        if (!AreKnown(journal.PromptTokens.AsSpan(), vocabulary) || !AreKnown(journal.EmittedTokens.AsSpan(), vocabulary))
        {
            return AdmissionOutcome.FingerprintMismatch;
        }
        if (submission.Grammar is { } grammar && !TryReplay(grammar, vocabulary, journal, out matcher))
        {
            return AdmissionOutcome.FingerprintMismatch;
        }
        int emitted = journal.EmittedTokens.AsSpan().Length;
        demand = new Demand(journal.PromptTokens.Length + emitted, journal.TokensMax - emitted, matcher?.TokensToComplete ?? 0);
        return demand.TokensLeft < 0 ? AdmissionOutcome.FingerprintMismatch : AdmissionOutcome.Admitted;
    }

    private static bool TryReplay(CompiledGrammar grammar, Vocabulary vocabulary, SequenceJournal journal, out GrammarMatcher? matcher)
    {
        GrammarMatcher current = GrammarMatcher.Start(grammar, vocabulary);
        matcher = null;
        foreach (int token in journal.EmittedTokens.AsSpan())
        {
            if (!current.TryAdvance(token, out GrammarMatcher next)) return false;
            current = next;
        }
        matcher = current;
        return true;
    }

    private static bool AreKnown(ReadOnlySpan<int> tokens, Vocabulary vocabulary)
    {
        foreach (int token in tokens) if ((uint)token >= (uint)vocabulary.Size) return false;
        return true;
    }
}
