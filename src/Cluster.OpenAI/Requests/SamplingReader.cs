using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Cluster.Decoding;
using Cluster.OpenAI.Errors;
using Cluster.Serving;

namespace Cluster.OpenAI.Requests;

/// <summary>How a request wants its tokens chosen; null leaves it to the model.</summary>
public sealed record SamplingRequest
{
    public ImmutableArray<string> Stop { get; init; } = [];
    public ulong? Seed { get; init; }
    public float? Temperature { get; init; }
    public float? TopP { get; init; }
    public int? TopK { get; init; }
    public float? MinP { get; init; }
    public float? PresencePenalty { get; init; }
    public float? FrequencyPenalty { get; init; }
    public float? RepetitionPenalty { get; init; }
    public ImmutableArray<KeyValuePair<int, float>> LogitBias { get; init; } = [];
    public ImmutableArray<int> StopTokens { get; init; } = [];
    public int TokensMin { get; init; }

    /// <summary>Log-probabilities of the model's own distribution, before mask, bias and penalties.</summary>
    public bool RawLogprobs { get; init; }

    /// <exception cref="ApiException">More tokens are wanted than allowed.</exception>
    public void AssertFits(int? tokensMax)
    {
        if (TokensMin > tokensMax) throw RequestObject.OutOfRange("min_tokens", $"at most the {tokensMax} tokens that the answer may have");
    }

    /// <summary>For one model; null where there is none of that name, which is refused elsewhere.</summary>
    /// <exception cref="ApiException">A token id is past the model's last.</exception>
    public SamplingOptions For(ServedModel? model, int? topLogprobs)
    {
        if (model is null) return Over(new SamplingOptions(), topLogprobs);
        int size = model.Tokenizer.Vocabulary.Size;
        if (LogitBias.Any(bias => bias.Key >= size)) throw RequestObject.OutOfRange("logit_bias", $"token ids from 0 to {size - 1}");
        if (StopTokens.Any(token => token >= size)) throw RequestObject.OutOfRange("stop_token_ids", $"token ids from 0 to {size - 1}");
        return Over(model.SamplingDefaults, topLogprobs);
    }

    /// <summary>Over the model's defaults; without a seed, a random one.</summary>
    public SamplingOptions Over(SamplingOptions defaults, int? topLogprobs) => defaults with
    {
        Temperature = Temperature ?? defaults.Temperature,
        TopP = TopP ?? defaults.TopP,
        TopK = TopK ?? defaults.TopK,
        MinP = MinP ?? defaults.MinP,
        PresencePenalty = PresencePenalty ?? defaults.PresencePenalty,
        FrequencyPenalty = FrequencyPenalty ?? defaults.FrequencyPenalty,
        RepetitionPenalty = RepetitionPenalty ?? defaults.RepetitionPenalty,
        LogitBias = LogitBias,
        StopTokens = StopTokens.IsDefaultOrEmpty ? defaults.StopTokens : StopTokens,
        TokensMin = TokensMin,
        RawLogprobs = RawLogprobs,
        TopLogprobs = topLogprobs,
        Seed = Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))),
    };
}

/// <summary>Reads the sampling fields that chat completions, completions and responses share.</summary>
public static class SamplingReader
{
    public static SamplingRequest Read(RequestObject body, OpenAIOptions options) => ReadWithoutStop(body) with
    {
        Stop = ReadStop(body, options),
        StopTokens = [.. body.Array("stop_token_ids", options.StopStringsMax)?.Select(item => ReadToken(item.Item, item.Path)) ?? []],
        RawLogprobs = body.String("logprobs_mode") switch
        {
            null or "processed_logprobs" => false,
            "raw_logprobs" => true,
            _ => throw RequestObject.OutOfRange("logprobs_mode", "one of processed_logprobs, raw_logprobs"),
        },
    };

    /// <summary>For formats that have no stop strings.</summary>
    public static SamplingRequest ReadWithoutStop(RequestObject body) => new()
    {
        Seed = (ulong?)body.Integer("seed", long.MinValue, long.MaxValue),
        Temperature = (float?)body.Number("temperature", 0, 2),
        TopP = (float?)body.Number("top_p", 0, 1),
        TopK = (int?)body.Integer("top_k", -1, int.MaxValue) is { } topK ? Math.Max(0, topK) : null,
        MinP = (float?)body.Number("min_p", 0, 1),
        PresencePenalty = (float?)body.Number("presence_penalty", -2, 2),
        FrequencyPenalty = (float?)body.Number("frequency_penalty", -2, 2),
        RepetitionPenalty = (float?)body.Number("repetition_penalty", 0.01, 10),
        LogitBias = ReadLogitBias(body.Object("logit_bias")),
        TokensMin = (int?)body.Integer("min_tokens", 0, int.MaxValue) ?? 0,
    };

    private static int ReadToken(JsonElement value, string path)
        => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int token) && token >= 0
            ? token
            : throw RequestObject.OutOfRange(path, "a token id");

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
}
