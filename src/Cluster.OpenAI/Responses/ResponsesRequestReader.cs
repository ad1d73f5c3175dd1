using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Grammar;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Requests;
using Cluster.OpenAI.Tools;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Responses;

/// <summary>Reads the body of <c>POST /v1/responses</c>.</summary>
public static class ResponsesRequestReader
{
    private const string Logprobs = "message.output_text.logprobs";

    /// <summary>What may stand in <c>include</c>; all but <see cref="Logprobs"/> concern what this server's answers never hold.</summary>
    private static readonly string[] Includable =
    [
        Logprobs, "reasoning.encrypted_content", "file_search_call.results", "web_search_call.results", "web_search_call.action.sources", "message.input_image.image_url",
        "computer_call_output.output.image_url", "code_interpreter_call.outputs",
    ];

    /// <exception cref="ApiException">The body is not a valid request; names the field.</exception>
    public static ResponsesRequest Read(RequestObject body, ResponseStore store, string owner, GrammarOptions grammarDefaults, OpenAIOptions options)
    {
        StructuredOutputRequest structured = StructuredOutputReader.Read(body, grammarDefaults);
        string? previous = body.String("previous_response_id");
        ImmutableArray<ChatMessage> before = previous is null ? [] : (store.Find(previous, owner)
            ?? throw new ApiException(ApiError.Invalid("previous_response_id", $"There is no stored response '{previous}'.", "previous_response_not_found"))).Conversation;
        var request = new ResponsesRequest
        {
            Model = body.RequiredString("model"),
            Input = new InputReader(store, owner, options).Read(body, before),
            Before = before,
            InputItems = ItemsOf(body.Any("input")!.Value),
            Instructions = body.Any("instructions") is { } instructions ? RequestObject.ReadString(instructions, "instructions") : null,
            PreviousId = previous,
            Format = ReadText(body, structured.Grammar, options, out string? verbosity),
            Verbosity = verbosity ?? "medium",
            StructuredOutput = structured,
            Sampling = SamplingReader.ReadWithoutStop(body),
            Tools = ToolsReader.Read(body, ToolsForm.Responses, structured.Grammar, options),
            Template = ReadReasoning(body),
            Effort = body.Object("reasoning")?.String("effort") ?? body.String("reasoning_effort"),
            Priority = PriorityReader.Read(body),
            CacheKey = CacheKeyReader.Read(body, options),
            IsStreamed = body.Boolean("stream") ?? false,
            IsStored = body.Boolean("store") ?? true,
            TokensMax = (int?)body.Integer("max_output_tokens", 1, int.MaxValue),
            TopLogprobs = ReadLogprobs(body),
            Echo = EchoedFields.Of(body),
        };
        request.Format.AssertFits(request.Tools);
        request.Sampling.AssertFits(request.TokensMax);
        if (body.Boolean("background") is true) throw RequestObject.Unsupported("background", "Background responses are not supported by this server.");
        NotedReader.ReadOneOf(body, "truncation", "disabled", "auto");
        StreamOptionsReader.Read(body);
        NotedReader.ReadMetadata(body);
        NotedReader.ReadStrings(body, "user", "safety_identifier");
        NotedReader.ReadCaching(body);
        body.Integer("max_tool_calls", 1, int.MaxValue);
        body.Accept("max_tool_calls");
        body.Refuse("conversation", "prompt", "context_management", "moderation", "access_programs", "image");
        body.RefuseUnknown();
        return request;
    }

    private static string ItemsOf(JsonElement input) => input.ValueKind == JsonValueKind.Array
        ? input.GetRawText()
        : $$"""[{"type":"message","role":"user","content":[{"type":"input_text","text":{{input.GetRawText()}}}]}]""";

    private static ResponseFormat ReadText(RequestObject body, GrammarOptions grammar, OpenAIOptions options, out string? verbosity)
    {
        verbosity = null;
        ResponseFormat constraint = ConstraintReader.Read(body, grammar, options);
        if (body.Object("text") is not { } text) return constraint;
        ResponseFormat format = ResponseFormatReader.Read(text.Object("format"), grammar, options, isFlat: true);
        verbosity = NotedReader.ReadOneOf(text, "verbosity", "low", "medium", "high");
        text.RefuseUnknown();
        if (format.Grammar is not null && constraint.Grammar is not null) throw RequestObject.Invalid(constraint.Param, $"Only one constraint can apply: 'text.format' or '{constraint.Param}'.");
        return format.Grammar is null ? constraint : format;
    }

    private static TemplateRequest ReadReasoning(RequestObject body)
    {
        TemplateRequest template = TemplateReader.Read(body);
        if (body.Object("reasoning") is not { } reasoning) return template;
        TemplateRequest effort = TemplateReader.ReadEffort(reasoning, "effort");
        reasoning.Accept("summary", "generate_summary", "context", "mode");
        reasoning.RefuseUnknown();
        return template with { Variables = effort.Variables.SetItems(template.Variables) };
    }

    private static int? ReadLogprobs(RequestObject body)
    {
        bool isWanted = false;
        foreach ((JsonElement item, string path) in body.Array("include", 32) ?? [])
        {
            string name = RequestObject.ReadString(item, path);
            if (!Includable.Contains(name, StringComparer.Ordinal)) throw RequestObject.OutOfRange(path, $"one of '{string.Join("', '", Includable)}'");
            isWanted |= name == Logprobs;
        }
        int? top = (int?)body.Integer("top_logprobs", 0, 20);
        return isWanted || top > 0 ? top ?? 0 : null;
    }
}
