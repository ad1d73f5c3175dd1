namespace Cluster.Decoding.Models;

/// <summary>
/// One loaded model with its key-value pool. The engine's thread is its only caller, so an implementation needs no locks; except that
/// <see cref="Interrupt"/> may come from any thread, and <see cref="Logits"/> from several at once between two steps.
/// </summary>
/// <remarks>
/// <para>
/// The pool is <see cref="ModelInfo.Slots"/> slots of <see cref="ModelInfo.ContextLength"/> positions each. A slot holds one sequence's
/// keys and values from position 0; how many of them are valid is the caller's business: every row of a batch says how many lie before it
/// (<see cref="BatchRow.Past"/>), what lies behind is overwritten. So repeating a failed step is harmless, and forgetting tokens costs
/// nothing.
/// </para>
/// <para>
/// Rejected: one call per run (decode, then chunk). The model sees a whole step instead, so that a device which takes true mixed batches
/// makes one run of it, and a graph that cannot makes two.
/// </para>
/// </remarks>
public interface IModel : IDisposable
{
    ModelInfo Info { get; }

    /// <summary>
    /// Runs one step: first the decode rows, then the chunks, within what <see cref="ModelInfo.Capabilities"/> allow.
    /// Blocks until the logits are readable. Allocates nothing per call once warm.
    /// </summary>
    /// <exception cref="ModelException">The step failed; the pool may hold anything in the batch's slots behind each row's past, and is
    /// untouched elsewhere. Any other exception is taken the same way.</exception>
    void Execute(ModelBatch batch);

    /// <summary>Logits after one token of the last executed batch, <see cref="ModelInfo.VocabularySize"/> of them, in place: valid until
    /// the next <see cref="Execute"/>. Only for tokens whose row asked for them.</summary>
    /// <param name="row">Index of the row in <see cref="ModelBatch.Rows"/>.</param>
    /// <param name="token">Index of the token within its row; 0 for a decode row.</param>
    ReadOnlySpan<float> Logits(int row, int token);

    /// <summary>Copies the first <paramref name="tokens"/> positions of one slot over another: prefix sharing and compaction.</summary>
    void CopySlot(int source, int target, int tokens);

    /// <summary>Called from another thread: asks a running <see cref="Execute"/> to give up, by throwing, as soon as the device lets
    /// it.</summary>
    void Interrupt()
    {
    }
}

/// <summary>A step failed inside the model: device, runtime or graph. The message names no text and no token.</summary>
public sealed class ModelException : Exception
{
    public ModelException(string message)
        : base(message)
    {
    }

    public ModelException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
