using System.ComponentModel.DataAnnotations;

namespace Cluster.Decoding;

/// <summary>Bounds and habits of one engine. None of them changes which tokens a sequence gets, except <see cref="ForcedRuns"/> and
/// <see cref="ForcedChunkTokensMin"/>, which every replica of a model must share.</summary>
public sealed record EngineOptions
{
    /// <summary>What a journal must carry to be continued here: model, tokenizer, template, grammar engine. Empty accepts any.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>Tells this engine's metrics from those of others with the same model and device; empty where there is only one.</summary>
    public string Name { get; init; } = "";

    /// <summary>Sequences that run at once; at most the model's slots. 0 takes all slots.</summary>
    /// <remarks>Lower it to leave slots to the prefix cache, or where decode rows no longer pay (compute-bound devices).</remarks>
    [Range(0, 4096)]
    public int SequencesMax { get; init; }

    /// <summary>Sequences that may wait for a slot; more are <see cref="AdmissionOutcome.Overloaded"/>.</summary>
    /// <remarks>Raise it for batch work, lower it where callers would rather hear "busy" at once.</remarks>
    [Range(0, 100_000)]
    public int WaitingMax { get; init; } = 256;

    /// <summary>Tokens of prompt and budget that all waiting sequences may hold together; more are
    /// <see cref="AdmissionOutcome.Overloaded"/>.</summary>
    /// <remarks>Bounds the memory and the delay behind the queue whatever the prompts' lengths.</remarks>
    [Range(1, 1e12)]
    public long WaitingTokensMax { get; init; } = 16_000_000;

    /// <summary>Tokens of one step: decode rows first, the rest is given to a chunk of one prompt. At least one chunk token always
    /// runs.</summary>
    /// <remarks>Raise it for throughput, lower it for a smoother stream while long prompts come in.</remarks>
    [Range(1, 65_536)]
    public int StepTokensMax { get; init; } = 256;

    /// <summary>Whether text that the grammar leaves no choice about is appended without asking the model.</summary>
    /// <remarks>Part of what a continuation depends on: all replicas of a model share it. Off to compare with a plain decode
    /// loop.</remarks>
    public bool ForcedRuns { get; init; } = true;

    /// <summary>Whether each token that is chosen under a mask is told how much of the model's own probability the mask took away.</summary>
    /// <remarks>Costs a pass over the logits, about 0.1 ms per row of 150,000. Off where many constrained rows share a fast device.</remarks>
    public bool MeasuresPressure { get; init; } = true;

    /// <summary>Shortest forced run, in tokens, that is worth a chunk beside other sequences; shorter ones go through decode. A sequence
    /// alone takes a chunk from 2.</summary>
    /// <remarks>Fixed and measured per kind of device: where a chunk costs as much as a few decode rows, lower it.</remarks>
    [Range(2, 1024)]
    public int ForcedChunkTokensMin { get; init; } = 4;

    /// <summary>Bytes of keys and values that finished prompts may keep for requests that begin the same; 0 turns the cache
    /// off.</summary>
    /// <remarks>Only slots that no running sequence needs are used; the bound matters on models with many of them.</remarks>
    [Range(0, 1e15)]
    public long PrefixCacheBytesMax { get; init; } = 1L << 30;

    /// <summary>Shortest common beginning, in tokens, that is shared by copying.</summary>
    /// <remarks>Where a copy costs as much as processing that many tokens, raise it.</remarks>
    [Range(1, 65_536)]
    public int PrefixTokensMin { get; init; } = 16;

    /// <summary>Most tokens guessed in one step, by prompt lookup and from the grammar; 0 turns speculation off. Used only while one
    /// sequence runs.</summary>
    /// <remarks>Pays where outputs repeat the prompt (extraction, edits) or a schema leaves little choice; costs a wider step where they
    /// do not.</remarks>
    [Range(0, 64)]
    public int DraftTokensMax { get; init; }

    /// <summary>Most tokens guessed in one step of a sequence whose caller has sent a prediction; 0 ignores predictions. Used only while one sequence runs,
    /// and where the graph has logits at every token.</summary>
    /// <remarks>Raise it where predictions mostly hold (regenerating a file with a small edit).</remarks>
    [Range(0, 64)]
    public int PredictedTokensMax { get; init; } = 8;

    /// <summary>Likely next states per sequence whose masks are computed while the device is busy; 0 computes none ahead.</summary>
    /// <remarks>Each is computed once per schema and found in the cache from then on. Lower it where the first requests of many schemas
    /// compete with the device for cores.</remarks>
    [Range(0, 64)]
    public int LookaheadStatesMax { get; init; } = 4;

    /// <summary>Threads that choose tokens once the device is done, the engine's own among them: each takes a row at a time.</summary>
    /// <remarks>More pay where many rows of a large vocabulary share a fast device. Small vocabularies always use one.</remarks>
    [Range(1, 64)]
    public int SamplingThreads { get; init; } = 2;

    /// <summary>How often a failed step is repeated before its sequences fail.</summary>
    /// <remarks>A device that recovers by itself within one repeat saves every stream a move to another replica.</remarks>
    [Range(0, 10)]
    public int StepRetriesMax { get; init; } = 1;

    /// <summary>A step longer than this marks the engine stuck and asks the model to give up.</summary>
    /// <remarks>Well above the slowest honest step: the first one of a large model, or the widest chunk.</remarks>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromSeconds(30);
}
