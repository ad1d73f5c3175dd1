using System.Collections.Immutable;
using Cluster.OpenAI.Replies;
using Cluster.Serving;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Responses;

/// <summary>A response: its request as generation, its answer as one object or as events.</summary>
public sealed class ResponsesFormat(ResponsesRequest request, ResponseStore store, string owner, TimeProvider time) : IRequestFormat
{
    public string Model => request.Model;

    public bool IsStreamed => request.IsStreamed;

    public string SchemaParam => request.Format.Param;

    public string PromptParam => "input";

    public string TokensParam => "max_output_tokens";

    public GenerationRequest ToGeneration(string requestId, RequestOwner requestOwner, ServedModel? model) => new()
    {
        RequestId = requestId,
        ModelId = request.Model,
        Owner = requestOwner,
        Priority = request.Priority,
        CacheKey = request.CacheKey,
        Messages = Messages(),
        Template = request.Template,
        Tools = request.Tools,
        Grammar = request.Format.Grammar,
        IsStrict = request.Format.IsStrict,
        SchemaName = request.Format.Name,
        InjectSchema = request.StructuredOutput.InjectSchema,
        TokensMax = request.TokensMax,
        Sampling = request.Sampling.For(model, request.TopLogprobs),
    };

    public IReply CreateReply(ReplyHeader header, PreparedGeneration prepared) => new ResponseReply(new ResponseBuilder(header, request, prepared, store, owner, time));

    public IReplyStream CreateStream(ReplyHeader header, PreparedGeneration prepared) => new ResponseStream(new ResponseBuilder(header, request, prepared, store, owner, time));

    private ImmutableArray<ChatMessage> Messages()
    {
        ImmutableArray<ChatMessage> all = [.. request.Before, .. request.Input];
        return request.Instructions is null ? all : all is [{ Role: "system" } first, ..]
            ? all.SetItem(0, first with { Content = $"{request.Instructions}\n\n{first.Content}" })
            : all.Insert(0, new ChatMessage("system", request.Instructions));
    }
}
