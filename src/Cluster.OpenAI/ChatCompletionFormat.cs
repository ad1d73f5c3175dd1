using Cluster.OpenAI.Replies;
using Cluster.OpenAI.Requests;
using Cluster.Serving;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI;

/// <summary>A chat completion: its request as generation, its answer as one object or as chunks.</summary>
public sealed class ChatCompletionFormat(ChatCompletionRequest request) : IRequestFormat
{
    public string Model => request.Model;

    public bool IsStreamed => request.IsStreamed;

    public string SchemaParam => request.ResponseFormat.Param.Split('.')[0];

    public string PromptParam => "messages";

    public string TokensParam => request.TokensParam;

    public GenerationRequest ToGeneration(string requestId, RequestOwner owner, ServedModel? model) => new()
    {
        RequestId = requestId,
        ModelId = request.Model,
        Owner = owner,
        Priority = request.Priority,
        CacheKey = request.CacheKey,
        Prediction = request.Prediction,
        Messages = request.Messages,
        Template = request.Template,
        Tools = request.Tools,
        Grammar = request.ResponseFormat.Grammar,
        IsStrict = request.ResponseFormat.IsStrict,
        SchemaName = request.ResponseFormat.Name,
        InjectSchema = request.StructuredOutput.InjectSchema,
        TokensMax = request.TokensMax,
        StopStrings = request.Sampling.Stop,
        ChoicesPerPrompt = request.Choices,
        Sampling = request.Sampling.For(model, request.TopLogprobs),
    };

    public IReply CreateReply(ReplyHeader header, PreparedGeneration prepared) => new ChatCompletionReply(Named(header), request, prepared);

    public IReplyStream CreateStream(ReplyHeader header, PreparedGeneration prepared) => new ChatCompletionChunks(Named(header), request, prepared);

    private ReplyHeader Named(ReplyHeader header) => header with { Id = $"chatcmpl-{header.Id}", ServiceTier = PriorityReader.TierOf(request.Priority) };
}
