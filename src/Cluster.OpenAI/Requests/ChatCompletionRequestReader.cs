using System.Text.Json;
using Cluster.Grammar;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Tools;

namespace Cluster.OpenAI.Requests;

/// <summary>Reads the body of <c>POST /v1/chat/completions</c>: every field of today's API is honoured, accepted without effect, or refused.</summary>
public static class ChatCompletionRequestReader
{
    /// <exception cref="ApiException">The body is not a valid request; names the field.</exception>
    public static ChatCompletionRequest Read(RequestObject body, GrammarOptions grammarDefaults, OpenAIOptions options)
    {
        string model = body.RequiredString("model");
        StructuredOutputRequest structured = StructuredOutputReader.Read(body, grammarDefaults);
        var request = new ChatCompletionRequest
        {
            Model = model,
            Messages = MessagesReader.Read(body, options),
            ResponseFormat = ConstraintReader.Read(body, structured.Grammar, options),
            StructuredOutput = structured,
            Sampling = SamplingReader.Read(body, options),
            Tools = ToolsReader.Read(body, ToolsForm.Chat, structured.Grammar, options),
            Template = TemplateReader.Read(body),
            Priority = PriorityReader.Read(body),
            CacheKey = CacheKeyReader.Read(body, options),
            Prediction = PredictionReader.Read(body),
            IsStreamed = body.Boolean("stream") ?? false,
            IncludesUsage = StreamOptionsReader.Read(body),
            TokensMax = ReadTokensMax(body, out string tokensParam),
            TokensParam = tokensParam,
            Choices = (int)(body.Integer("n", 1, options.ChoicesMax) ?? 1),
            TopLogprobs = ReadLogprobs(body),
        };
        request.ResponseFormat.AssertFits(request.Tools);
        request.Sampling.AssertFits(request.TokensMax);
        foreach ((JsonElement item, string path) in body.Array("modalities", 8) ?? [])
        {
            if (RequestObject.ReadString(item, path) != "text") throw RequestObject.Unsupported("modalities", "This server's models write text only.");
        }
        NotedReader.ReadMetadata(body);
        NotedReader.ReadStrings(body, "user", "safety_identifier");
        NotedReader.ReadOneOf(body, "verbosity", "low", "medium", "high");
        NotedReader.ReadCaching(body);
        body.Boolean("store");
        body.Accept("store");
        body.Refuse("functions", "function_call", "audio", "web_search_options", "moderation");
        body.RefuseUnknown();
        return request;
    }

    private static int? ReadTokensMax(RequestObject body, out string param)
    {
        int? older = (int?)body.Integer("max_tokens", 1, int.MaxValue);
        int? tokens = (int?)body.Integer("max_completion_tokens", 1, int.MaxValue);
        param = tokens is null && older is not null ? "max_tokens" : "max_completion_tokens";
        return tokens ?? older;
    }

    private static int? ReadLogprobs(RequestObject body)
    {
        bool isWanted = body.Boolean("logprobs") ?? false;
        int? top = (int?)body.Integer("top_logprobs", 0, 20);
        return top is not null && !isWanted
            ? throw RequestObject.Invalid("top_logprobs", "'top_logprobs' is only allowed when 'logprobs' is true.")
            : isWanted ? top ?? 0 : null;
    }
}
