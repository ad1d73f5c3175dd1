using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Grammar;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Requests;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Completions;

/// <summary>A completion request, read and within bounds: the model goes on with a text, without a chat template.</summary>
public sealed record CompletionRequest
{
    public required string Model { get; init; }
    public required ImmutableArray<RawPrompt> Prompts { get; init; }
    public required ResponseFormat ResponseFormat { get; init; }
    public required StructuredOutputRequest StructuredOutput { get; init; }
    public required SamplingRequest Sampling { get; init; }
    public RequestPriority Priority { get; init; }
    public string? CacheKey { get; init; }
    public bool IsStreamed { get; init; }
    public bool IncludesUsage { get; init; }

    /// <summary>Repeat the prompt before the completion.</summary>
    public bool Echoes { get; init; }
    public int TokensMax { get; init; }
    public int ChoicesPerPrompt { get; init; } = 1;
    public int? TopLogprobs { get; init; }
}

/// <summary>Reads the body of <c>POST /v1/completions</c>.</summary>
public static class CompletionRequestReader
{
    private const int DefaultTokensMax = 16;
    private const int PromptTokensMax = 1 << 22;

    /// <exception cref="ApiException">The body is not a valid request; names the field.</exception>
    public static CompletionRequest Read(RequestObject body, GrammarOptions grammarDefaults, OpenAIOptions options)
    {
        StructuredOutputRequest structured = StructuredOutputReader.Read(body, grammarDefaults);
        var request = new CompletionRequest
        {
            Model = body.RequiredString("model"),
            Prompts = ReadPrompts(body, options),
            ResponseFormat = ConstraintReader.Read(body, structured.Grammar, options),
            StructuredOutput = structured,
            Sampling = SamplingReader.Read(body, options),
            Priority = PriorityReader.Read(body),
            CacheKey = CacheKeyReader.Read(body, options),
            IsStreamed = body.Boolean("stream") ?? false,
            IncludesUsage = StreamOptionsReader.Read(body),
            Echoes = body.Boolean("echo") ?? false,
            TokensMax = (int)(body.Integer("max_tokens", 1, int.MaxValue) ?? DefaultTokensMax),
            ChoicesPerPrompt = (int)(body.Integer("n", 1, options.ChoicesMax) ?? 1),
            TopLogprobs = (int?)body.Integer("logprobs", 0, 20),
        };
        if (body.Integer("best_of", 1, options.ChoicesMax) is { } bestOf && bestOf != request.ChoicesPerPrompt)
        {
            throw RequestObject.Unsupported("best_of", "'best_of' other than 'n' is not supported by this server.");
        }
        if (request is { Echoes: true, TopLogprobs: not null }) throw RequestObject.Unsupported("echo", "'echo' together with 'logprobs' is not supported by this server.");
        request.Sampling.AssertFits(request.TokensMax);
        NotedReader.ReadMetadata(body);
        NotedReader.ReadStrings(body, "user", "safety_identifier");
        body.Boolean("store");
        body.Accept("store");
        body.Refuse("suffix");
        body.RefuseUnknown();
        return request;
    }

    /// <summary>A text, token ids, or a list of either.</summary>
    private static ImmutableArray<RawPrompt> ReadPrompts(RequestObject body, OpenAIOptions options)
    {
        JsonElement prompt = body.Any("prompt") ?? throw RequestObject.Invalid("prompt", "Missing required parameter: 'prompt'.");
        if (prompt.ValueKind != JsonValueKind.Array) return [ReadPrompt(prompt, "prompt")];
        if (prompt.GetArrayLength() == 0) throw RequestObject.OutOfRange("prompt", "a text, token ids, or a list of either");
        if (prompt[0].ValueKind == JsonValueKind.Number) return [ReadPrompt(prompt, "prompt")];
        return [.. body.Array("prompt", options.PromptsMax)!.Select(item => ReadPrompt(item.Item, item.Path))];
    }

    private static RawPrompt ReadPrompt(JsonElement prompt, string path)
    {
        if (prompt.ValueKind == JsonValueKind.String) return new RawPrompt(RequestObject.ReadString(prompt, path), []);
        return prompt.ValueKind == JsonValueKind.Array && prompt.GetArrayLength() is > 0 and <= PromptTokensMax
            ? new RawPrompt(null, [.. prompt.EnumerateArray().Select((id, index) => ReadToken(id, $"{path}[{index}]"))])
            : throw RequestObject.WrongType(path, "a text or token ids");
    }

    private static int ReadToken(JsonElement id, string path)
        => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out int token) && token >= 0 ? token : throw RequestObject.WrongType(path, "a token id");
}
