using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Cluster.Grammar;
using Cluster.OpenAI.Errors;

namespace Cluster.OpenAI.Requests;

/// <summary>Reads the body of <c>POST /v1/chat/completions</c>: every field of today's API is honoured, accepted without effect, or refused.</summary>
public static class ChatCompletionRequestReader
{
    private static readonly string[] WithoutEffect =
    [
        "metadata", "user", "safety_identifier", "store", "service_tier", "prompt_cache_key", "prompt_cache_retention", "verbosity",
        "reasoning_effort", "prediction", "parallel_tool_calls",
    ];

    private static readonly string[] Refused = ["functions", "function_call", "audio", "web_search_options"];

    /// <exception cref="ApiException">The body is not a valid request; names the field.</exception>
    public static ChatCompletionRequest Read(JsonElement root, GrammarOptions grammarDefaults, OpenAIOptions options)
    {
        var body = new RequestObject(root, "");
        string model = body.RequiredString("model");
        RequestObject? ours = body.Object("structured_output");
        var request = new ChatCompletionRequest
        {
            Model = model,
            Messages = MessagesReader.Read(body, options),
            ResponseFormat = ResponseFormatReader.Read(body.Object("response_format"), ReadGrammarOptions(ours, grammarDefaults), options),
            InjectSchema = ours?.Boolean("inject_schema"),
            ClosesWithLength = ReadClose(ours),
            IsStreamed = body.Boolean("stream") ?? false,
            IncludesUsage = ReadStreamOptions(body),
            TokensMax = (int?)(body.Integer("max_completion_tokens", 1, int.MaxValue) ?? body.Integer("max_tokens", 1, int.MaxValue)),
            Choices = (int)(body.Integer("n", 1, options.ChoicesMax) ?? 1),
            Stop = ReadStop(body, options),
            Seed = (ulong?)body.Integer("seed", long.MinValue, long.MaxValue),
            Temperature = (float?)body.Number("temperature", 0, 2),
            TopP = (float?)body.Number("top_p", 0, 1),
            TopK = (int?)body.Integer("top_k", -1, int.MaxValue) is { } topK ? Math.Max(0, topK) : null,
            MinP = (float?)body.Number("min_p", 0, 1),
            PresencePenalty = (float?)body.Number("presence_penalty", -2, 2),
            FrequencyPenalty = (float?)body.Number("frequency_penalty", -2, 2),
            RepetitionPenalty = (float?)body.Number("repetition_penalty", 0.01, 10),
            LogitBias = ReadLogitBias(body.Object("logit_bias")),
            TopLogprobs = ReadLogprobs(body),
        };
        RefuseTools(body);
        RefuseOthers(body);
        ours?.RefuseUnknown();
        body.Accept("max_tokens");
        body.Accept(WithoutEffect);
        body.RefuseUnknown();
        return request;
    }

    private static GrammarOptions ReadGrammarOptions(RequestObject? ours, GrammarOptions defaults) => ours is null ? defaults : defaults with
    {
        Order = ours.String("order") switch
        {
            null => defaults.Order,
            "schema" => PropertyOrder.Schema,
            "any" => PropertyOrder.Any,
            _ => throw RequestObject.OutOfRange(ours.PathOf("order"), "'schema' or 'any'"),
        },
        Whitespace = ours.String("whitespace") switch
        {
            null => defaults.Whitespace,
            "compact" => Whitespace.Compact,
            "spaced" => Whitespace.Spaced,
            "bounded" => Whitespace.Bounded,
            _ => throw RequestObject.OutOfRange(ours.PathOf("whitespace"), "'compact', 'spaced' or 'bounded'"),
        },
    };

    private static bool ReadClose(RequestObject? ours) => ours?.String("close") switch
    {
        null or "force" => false,
        "length" => true,
        _ => throw RequestObject.OutOfRange(ours.PathOf("close"), "'force' or 'length'"),
    };

    private static bool ReadStreamOptions(RequestObject body)
    {
        if (body.Object("stream_options") is not { } stream) return false;
        bool includesUsage = stream.Boolean("include_usage") ?? false;
        stream.Accept("include_obfuscation");
        stream.RefuseUnknown();
        return body.Boolean("stream") is true
            ? includesUsage
            : throw RequestObject.Invalid("stream_options", "'stream_options' is only allowed when 'stream' is true.");
    }

    private static ImmutableArray<string> ReadStop(RequestObject body, OpenAIOptions options)
    {
        if (body.Any("stop") is not { } value) return [];
        ImmutableArray<string> stops = value.ValueKind == JsonValueKind.String
            ? [RequestObject.ReadString(value, "stop")]
            : [.. body.Array("stop", options.StopStringsMax)!.Select(item => RequestObject.ReadString(item.Item, item.Path))];
        return stops.All(stop => stop.Length > 0 && stop.Length <= options.StopStringCharactersMax)
            ? stops
            : throw RequestObject.OutOfRange("stop", $"strings of 1 to {options.StopStringCharactersMax} characters");
    }

    private static ImmutableArray<KeyValuePair<int, float>> ReadLogitBias(RequestObject? bias)
    {
        if (bias is null) return [];
        var read = ImmutableArray.CreateBuilder<KeyValuePair<int, float>>();
        foreach (string name in bias.Names)
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int token))
            {
                throw RequestObject.Invalid("logit_bias", $"Invalid key in 'logit_bias': '{name}' is not a token id.");
            }
            read.Add(new(token, (float)(bias.Number(name, -100, 100) ?? 0)));
        }
        return read.ToImmutable();
    }

    private static int? ReadLogprobs(RequestObject body)
    {
        bool isWanted = body.Boolean("logprobs") ?? false;
        int? top = (int?)body.Integer("top_logprobs", 0, 20);
        return top is not null && !isWanted
            ? throw RequestObject.Invalid("top_logprobs", "'top_logprobs' is only allowed when 'logprobs' is true.")
            : isWanted ? top ?? 0 : null;
    }

    private static void RefuseTools(RequestObject body)
    {
        bool hasTools = body.Array("tools", int.MaxValue)?.Any() ?? false;
        bool areOff = body.Any("tool_choice") is { ValueKind: JsonValueKind.String } choice && choice.GetString() == "none";
        if (hasTools && !areOff) throw Unsupported("tools", "Tool calls are not supported by this version; send 'tool_choice': 'none' to ignore the tools.");
    }

    private static void RefuseOthers(RequestObject body)
    {
        foreach (string name in Refused)
        {
            if (body.Any(name) is not null) throw Unsupported(name, $"'{name}' is not supported by this server.");
        }
        foreach ((JsonElement item, string path) in body.Array("modalities", 8) ?? [])
        {
            if (RequestObject.ReadString(item, path) != "text") throw Unsupported("modalities", "This server's models write text only.");
        }
    }

    private static ApiException Unsupported(string param, string message) => new(ApiError.Invalid(param, message, "unsupported_parameter"));
}
