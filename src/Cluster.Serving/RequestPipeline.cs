using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Serving.Admission;
using Cluster.Serving.Generation;
using Cluster.Serving.Prompting;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;
using Cluster.Serving.Tools;

namespace Cluster.Serving;

/// <summary>One request's life, whatever it came by (HTTP, a test, a tool).</summary>
/// <remarks>
/// <code>
/// Prepare   1. Find the model        RunAsync   6. Wait for a turn; a sequence a choice, over as many replicas as it takes
///           2. Check each schema                7. Tokens to thoughts, text and calls: whole characters, stop strings, log-probabilities
///           3. Render the prompt                8. Check every finished strict document once more
///           4. Constrain the answer             9. Say how it ended
///           5. Settle the budget
/// </code>
/// Everything that can be the caller's fault is found in Prepare, before any decoding.
/// </remarks>
public sealed class RequestPipeline(
    IModelCatalogue catalogue,
    ISchemaCompiler compiler,
    ReplicaRouter router,
    DocumentCheck documentCheck,
    ResumePacing resumePacing,
    TimeProvider time,
    IResumeObserver resumeObserver,
    FairAdmission? admission = null,
    ModelUse? use = null)
{
    /// <summary>Accepts or refuses a request; no model work yet.</summary>
    public async ValueTask<PrepareResult> PrepareAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        // 1. Find the model
        ServedModel? model = catalogue.Find(request.ModelId);
        if (model is null) return Refuse(GenerationRejectionKind.ModelNotFound, $"The model '{request.ModelId}' does not exist.");

        // 2. Check each schema
        AnswerPlan plan = AnswerPlan.Of(model, request.Grammar, request.Tools);
        (CompileResult? document, List<SchemaRejection> unenforced, GenerationRejection? rejection) = await CheckAsync(plan, request, cancellationToken).ConfigureAwait(false);
        if (rejection is not null) return new PrepareResult(null, rejection);

        // 3. Render the prompt
        if (!PromptBuilder.TryBuild(model, request, plan, out BuiltPrompts? prompts, out string error)) return Refuse(GenerationRejectionKind.MessagesRejected, error);

        // 4. Constrain the answer
        plan = plan.After(prompts!.Thinking);
        bool isBestEffort = plan.Callable.Any(tool => !tool.IsStrict) || (plan.Document is not null && !request.IsStrict);
        CompileResult? compiled = plan.Spec is null ? null : await compiler.CompileAsync(plan.Spec, isBestEffort, cancellationToken).ConfigureAwait(false);
        if (compiled is { Grammar: null }) return new PrepareResult(null, Rejected(compiled, null));

        // 5. Settle the budget
        int longest = prompts.Tokens.Max(prompt => prompt.Length);
        int room = model.ContextLength - longest;
        if (room < 1)
        {
            return Refuse(GenerationRejectionKind.PromptTooLong,
                $"The prompt has {longest} tokens; this model's context holds {model.ContextLength}, answer included.");
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
            Prompts = prompts.Tokens,
            Plan = plan,
            IsBestEffort = isBestEffort,
            TokensMax = tokensMax,
            Prediction = request.Prediction is { } prediction ? [.. model.Tokenizer.Encode(prediction, parseSpecial: false).Take(tokensMax)] : [],
            Grammar = compiled?.Grammar,
            ConstraintHash = document?.Grammar?.Hash ?? compiled?.Grammar?.Hash,
            Unenforced = unenforced,
        }, null);
    }

    /// <summary>Each tool's input and the document by themselves, so that a refusal names whose it is.</summary>
    private async ValueTask<(CompileResult? Document, List<SchemaRejection> Unenforced, GenerationRejection? Rejection)> CheckAsync(
        AnswerPlan plan, GenerationRequest request, CancellationToken cancellationToken)
    {
        var unenforced = new List<SchemaRejection>();
        foreach (ToolDefinition tool in plan.Callable.Where(tool => tool.Input is not null))
        {
            CompileResult input = await compiler.CompileAsync(tool.Input!, bestEffort: !tool.IsStrict, cancellationToken).ConfigureAwait(false);
            if (input.Grammar is null) return (null, [], Rejected(input, tool));
            unenforced.AddRange(input.Rejections);
        }
        if (plan.Document is null) return (null, unenforced, null);
        CompileResult document = await compiler.CompileAsync(plan.Document, bestEffort: !request.IsStrict, cancellationToken).ConfigureAwait(false);
        if (document.Grammar is null) return (null, [], Rejected(document, null));
        unenforced.AddRange(document.Rejections);
        return (document, unenforced, null);
    }

    private static GenerationRejection Rejected(CompileResult compiled, ToolDefinition? tool)
        => new(GenerationRejectionKind.SchemaRejected, compiled.Rejections[0].Message) { SchemaRejections = compiled.Rejections, Tool = tool };

    /// <summary>Runs an accepted request; the choices' events interleave, each choice's own are in order.</summary>
    public async IAsyncEnumerable<GenerationEvent> RunAsync(PreparedGeneration prepared, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // 6. Wait for a turn, and start
        using ModelUse.Request? used = use?.Begin(prepared.Model.Id, prepared.Model.Fingerprint);
        using FairAdmission.Place? place = admission is null ? null : await admission.EnterAsync(prepared, cancellationToken).ConfigureAwait(false);
        if (admission is not null && place is null)
        {
            yield return new GenerationFailed(new GenerationError(GenerationErrorKind.Overloaded, "Too many requests wait for this model."));
            yield break;
        }
        if (place is not null) place.Tokens = prepared.PromptTokens;
        await foreach (GenerationEvent one in RunChoicesAsync(prepared, cancellationToken).ConfigureAwait(false))
        {
            if (place is not null && one is ChoiceEnded ended) place.Tokens += ended.Tokens;
            yield return one;
        }
    }

    private async IAsyncEnumerable<GenerationEvent> RunChoicesAsync(PreparedGeneration prepared, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
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
        var run = new SequenceRun(prepared.Model.Id, router, resumePacing, time, resumeObserver, prepared.Request.CacheKey);
        ChoiceAnswer answer = ChoiceAnswer.Of(prepared, choice, documentCheck);
        var events = new List<ChoiceEvent>();
        int cached = 0;
        ConstraintWork constraint = ConstraintWork.None;
        await foreach (SequenceDelta delta in run.RunAsync(prepared.JournalOf(choice), cancellationToken).ConfigureAwait(false))
        {
            if (delta.Constraint is { } work) constraint = constraint.Plus(work);
            if (delta.Position == 0) cached = Math.Max(cached, delta.CachedPromptTokens);

            // 7. Tokens to thoughts, text and calls
            answer.Take(delta, events);
            bool isOver = answer.IsStopped || delta.Finish is not null;
            if (isOver && (delta.Error is null || answer.IsStopped)) answer.End(events);
            foreach (ChoiceEvent one in events) yield return Counted(one, answer, cached);
            events.Clear();
            if (!isOver) continue;
            if (delta.Error is { } error && !answer.IsStopped)
            {
                yield return new GenerationFailed(ErrorOf(error));
                yield break;
            }

            // 8. Check
            if (answer.Breach is { } breach)
            {
                yield return new GenerationFailed(new GenerationError(GenerationErrorKind.InvalidDocument, breach));
                yield break;
            }

            // 9. End
            yield return Counted(EndOf(prepared, answer, delta.Finish, choice) with { Constraint = constraint, PredictedTokens = delta.Work?.PredictedTokens ?? 0, AcceptedPredictedTokens = delta.Work?.AcceptedPredictedTokens ?? 0 }, answer, cached);
            yield break;
        }
    }

    private static ChoiceEvent Counted(ChoiceEvent one, ChoiceAnswer answer, int cachedPromptTokens)
    {
        (one.Tokens, one.CachedPromptTokens) = (answer.Tokens, cachedPromptTokens);
        return one;
    }

    private static ChoiceEnded EndOf(PreparedGeneration prepared, ChoiceAnswer answer, FinishReason? finish, int choice)
    {
        DocumentEnd? document = !answer.IsConstrained && !answer.HasCalls ? null : finish == FinishReason.ForceClosed ? DocumentEnd.ForceClosed : DocumentEnd.Complete;
        bool isCut = !answer.IsStopped && !answer.IsConstrained && (finish == FinishReason.Length || (prepared.Plan.Shape == AnswerShape.Tagged && answer.Tokens >= prepared.TokensMax));
        ChoiceEnd end = answer.HasCalls ? ChoiceEnd.ToolCalls : isCut ? ChoiceEnd.Length : ChoiceEnd.Stop;
        return new ChoiceEnded(choice, end, document) { ReasoningTokens = answer.ReasoningTokens };
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
