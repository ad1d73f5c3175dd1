using Cluster.Decoding.Models;

namespace Cluster.Decoding;

/// <summary>An engine's load, as plain counters.</summary>
internal readonly record struct EngineLoad(int Running, int Waiting, long WaitingTokens);

/// <summary>What a submission asks for, as plain counters.</summary>
/// <param name="Tokens">Prompt and emitted tokens.</param>
/// <param name="TokensLeft">Budget still open.</param>
/// <param name="TokensToComplete">Fewest tokens that complete its document; 0 for free text.</param>
internal readonly record struct Demand(int Tokens, int TokensLeft, int TokensToComplete);

/// <summary>Whether a sequence is taken: arithmetic on counters, without a model, a clock or a queue.</summary>
internal static class Admission
{
    public static AdmissionOutcome Decide(in Demand demand, in EngineLoad load, ModelInfo model, EngineOptions options)
    {
        long room = Math.Min(model.ContextLength, model.CacheTokensMax);
        if ((long)demand.Tokens + demand.TokensLeft > room) return AdmissionOutcome.Unserviceable;
        if (demand.TokensToComplete > demand.TokensLeft) return AdmissionOutcome.BudgetTooSmall;

        // What is ahead in the queue takes the free slots first.
        if (load.Running + load.Waiting < SequencesMax(model, options)) return AdmissionOutcome.Admitted;
        if (load.Waiting >= options.WaitingMax) return AdmissionOutcome.Overloaded;
        return load.WaitingTokens + demand.Tokens + demand.TokensLeft > options.WaitingTokensMax
            ? AdmissionOutcome.Overloaded
            : AdmissionOutcome.Deferred;
    }

    public static int SequencesMax(ModelInfo model, EngineOptions options)
    {
        int most = Math.Min(model.Slots, model.Capabilities.DecodeRowsMax);
        return options.SequencesMax == 0 ? most : Math.Min(options.SequencesMax, most);
    }
}
