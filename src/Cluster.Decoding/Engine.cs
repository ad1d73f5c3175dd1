using Cluster.Decoding.Models;
using Cluster.Tokenization;

namespace Cluster.Decoding;

/// <summary>
/// Continuous batching over one model, on one thread of its own. Everything public may be called from any thread.
/// </summary>
public sealed class Engine : IDisposable
{
    /// <param name="model">Owned by the engine from here on.</param>
    /// <param name="tokenizer">Its vocabulary spells the model's tokens; forced text is tokenised with it.</param>
    /// <param name="options">Bounds; violations throw here, all at once.</param>
    /// <param name="time">The only clock.</param>
    public Engine(IModel model, ITokenizer tokenizer, EngineOptions options, TimeProvider time) => throw new NotImplementedException();

    public ModelInfo Model => throw new NotImplementedException();

    public EngineOptions Options => throw new NotImplementedException();

    /// <summary>The state between two steps; cheap enough to poll.</summary>
    public EngineSnapshot Snapshot => throw new NotImplementedException();

    /// <summary>Accepts or refuses a sequence, at once and by arithmetic alone. Replays the journal's emitted tokens through the grammar here, on the
    /// caller's thread.</summary>
    public AdmissionOutcome Submit(SequenceSubmission submission) => throw new NotImplementedException();

    /// <summary>
    /// Stops admitting. Waiting sequences are handed back at once (<see cref="SequenceErrorKind.Draining"/>), running ones after
    /// <paramref name="grace"/> unless they end by themselves. Done when none is left; the engine can then be disposed.
    /// </summary>
    public Task DrainAsync(TimeSpan grace, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Hands back whatever is left, ends the thread and disposes the model.</summary>
    public void Dispose() => throw new NotImplementedException();
}
