using Cluster.OpenAI.Replies;
using Cluster.Serving;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Completions;

/// <summary>A completion: its request as generation, its answer as one object or as chunks.</summary>
public sealed class CompletionFormat(CompletionRequest request) : IRequestFormat
{
    public string Model => request.Model;

    public bool IsStreamed => request.IsStreamed;

    public string SchemaParam => request.ResponseFormat.Param.Split('.')[0];

    public string PromptParam => "prompt";

    public string TokensParam => "max_tokens";

    public GenerationRequest ToGeneration(string requestId, RequestOwner owner, ServedModel? model) => new()
    {
        RequestId = requestId,
        ModelId = request.Model,
        Owner = owner,
        Priority = request.Priority,
        CacheKey = request.CacheKey,
        Prompts = request.Prompts,
        Grammar = request.ResponseFormat.Grammar,
        IsStrict = request.ResponseFormat.IsStrict,
        TokensMax = request.TokensMax,
        StopStrings = request.Sampling.Stop,
        ChoicesPerPrompt = request.ChoicesPerPrompt,
        Sampling = request.Sampling.For(model, request.TopLogprobs),
    };

    public IReply CreateReply(ReplyHeader header, PreparedGeneration prepared) => new CompletionReply(header with { Id = $"cmpl-{header.Id}" }, request, prepared);

    public IReplyStream CreateStream(ReplyHeader header, PreparedGeneration prepared) => new CompletionChunks(header with { Id = $"cmpl-{header.Id}" }, request, prepared);
}
