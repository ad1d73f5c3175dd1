using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Serving.Generation;
using Cluster.Serving.Prompting;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;

namespace Cluster.Serving;

/// <summary>One request's life, whatever it came by (HTTP, a test, a tool).</summary>
/// <remarks>
/// <code>
/// Prepare   1. Find the model        RunAsync   5. Start a sequence a choice, each over as many replicas as it takes
///           2. Compile the schema               6. Tokens to text: whole characters, stop strings, log-probabilities
///           3. Render the prompt                7. Check every finished strict document once more
///           4. Settle the budget                8. Say how it ended
/// </code>
/// Everything that can be the caller's fault is found in Prepare, before any decoding.
/// </remarks>
public sealed class RequestPipeline(
    IModelCatalogue catalogue,
    ISchemaCompiler compiler,
    ReplicaRouter router,
    DocumentCheck documentCheck,
    ResumeOptions resumeOptions,
    TimeProvider time,
    IResumeObserver resumeObserver)
{
    /// <summary>Accepts or refuses a request; no model work yet.</summary>
    public async ValueTask<PrepareResult> PrepareAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        // 1. Find the model
        ServedModel? model = catalogue.Find(request.ModelId);
        if (model is null) return Refuse(GenerationRejectionKind.ModelNotFound, $"The model '{request.ModelId}' does not exist.");

        // 2. Compile the schema
        CompileResult? compiled = request.Grammar is { } spec
            ? await compiler.CompileAsync(spec, bestEffort: !request.IsStrict, cancellationToken).ConfigureAwait(false)
            : null;
        if (compiled is { Grammar: null })
        {
            return new PrepareResult(null, new GenerationRejection(GenerationRejectionKind.SchemaRejected, compiled.Rejections[0].Message)
            {
                SchemaRejections = compiled.Rejections,
            });
        }

        // 3. Render the prompt
        if (!PromptBuilder.TryBuild(model, request, out ImmutableArray<int> prompt, out string error))
        {
            return Refuse(GenerationRejectionKind.MessagesRejected, error);
        }

        // 4. Settle the budget
        int room = model.ContextLength - prompt.Length;
        if (room < 1)
        {
            return Refuse(GenerationRejectionKind.PromptTooLong,
                $"The prompt has {prompt.Length} tokens; this model's context holds {model.ContextLength}, answer included.");
        }
        int tokensMax = Math.Min(request.TokensMax ?? room, room);
        if (compiled?.Grammar is { } grammar)
        {
            int fewest = GrammarMatcher.Start(grammar, model.Tokenizer.Vocabulary).TokensToComplete;
            if (fewest > tokensMax)
            {
                return Refuse(GenerationRejectionKind.TokensMaxTooSmall,
                    $"The smallest document that is valid against the schema needs up to {fewest} tokens; at most {tokensMax} are allowed here.");
            }
        }
        return new PrepareResult(new PreparedGeneration
        {
            Request = request,
            Model = model,
            PromptTokens = prompt,
            TokensMax = tokensMax,
            Grammar = compiled?.Grammar,
            Unenforced = compiled?.Rejections ?? [],
        }, null);
    }

    /// <summary>Runs an accepted request; the choices' events interleave, each choice's own are in order.</summary>
    public async IAsyncEnumerable<GenerationEvent> RunAsync(PreparedGeneration prepared, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // 5. Start
        if (prepared.Request.Choices == 1)
        {
            await foreach (GenerationEvent one in RunChoiceAsync(prepared, 0, cancellationToken).ConfigureAwait(false)) yield return one;
            yield break;
        }
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = Channel.CreateBounded<GenerationEvent>(new BoundedChannelOptions(64) { SingleReader = true });
        Task all = Task.WhenAll(Enumerable.Range(0, prepared.Request.Choices).Select(async choice =>
        {
            await foreach (GenerationEvent one in RunChoiceAsync(prepared, choice, cancellation.Token).ConfigureAwait(false))
            {
                await events.Writer.WriteAsync(one, cancellation.Token).ConfigureAwait(false);
            }
        }));
        _ = all.ContinueWith(done => events.Writer.Complete(done.Exception), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (GenerationEvent one in events.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return one;
                if (one is GenerationFailed) yield break;
            }
        }
        finally
        {
            await cancellation.CancelAsync().ConfigureAwait(false);
            await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async IAsyncEnumerable<GenerationEvent> RunChoiceAsync(
        PreparedGeneration prepared, int choice, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var run = new SequenceRun(prepared.Model.Id, router, resumeOptions, time, resumeObserver);
        bool isDocument = prepared.Grammar is not null;
        var text = new ChoiceText(prepared.Model.Tokenizer, isDocument ? [] : prepared.Request.StopStrings);
        DocumentCheck.Watcher? document = isDocument && prepared.Request.IsStrict ? documentCheck.Watch(prepared.Request.Grammar!) : null;
        await foreach (SequenceDelta delta in run.RunAsync(prepared.JournalOf(choice), cancellationToken).ConfigureAwait(false))
        {
            // 6. Tokens to text
            string piece = text.Take(delta);
            if (text.IsStopped || delta.Finish is not null) piece += text.End();
            document?.Append(piece);
            if (piece.Length > 0 || !delta.Logprobs.IsEmpty)
            {
                yield return new TextGenerated(choice, piece, ChoiceText.Describe(delta.Logprobs, prepared.Model.Tokenizer));
            }
            if (!text.IsStopped && delta.Finish is null) continue;

            if (delta.Error is { } error && !text.IsStopped)
            {
                yield return new GenerationFailed(ErrorOf(error));
                yield break;
            }

            // 7. Check
            if (document?.FindBreach() is { } breach)
            {
                yield return new GenerationFailed(new GenerationError(GenerationErrorKind.InvalidDocument, breach));
                yield break;
            }

            // 8. End
            ChoiceEnd end = delta.Finish == FinishReason.Length && !text.IsStopped ? ChoiceEnd.Length : ChoiceEnd.Stop;
            DocumentEnd? documentEnd = !isDocument ? null : delta.Finish == FinishReason.ForceClosed ? DocumentEnd.ForceClosed : DocumentEnd.Complete;
            yield return new ChoiceEnded(choice, end, documentEnd, text.Tokens);
            yield break;
        }
    }

    private static GenerationError ErrorOf(SequenceError error) => error.Kind switch
    {
        SequenceErrorKind.Overloaded => new(GenerationErrorKind.Overloaded, "All replicas of the model are busy."),
        SequenceErrorKind.ReplicaLost or SequenceErrorKind.Draining => new(GenerationErrorKind.NoReplica, "No replica of the model is available."),
        SequenceErrorKind.ModelFailed => new(GenerationErrorKind.ModelFailed, "The model failed on this request."),
        _ => new(GenerationErrorKind.Internal, error.Message),
    };

    private static PrepareResult Refuse(GenerationRejectionKind kind, string message) => new(null, new GenerationRejection(kind, message));
}
