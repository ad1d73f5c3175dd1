using System.Text.Json;

namespace Cluster.ModelBuilder;

/// <summary>A folder or file that the builder cannot use; the message says which, and what it would need.</summary>
public sealed class ModelBuildException(string message) : Exception(message);

/// <summary>Reads <c>config.json</c> (and <c>generation_config.json</c> for the end tokens) of a Hugging Face folder.</summary>
public static class HuggingFaceConfig
{
    public static ModelShape Read(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        if (!File.Exists(path))
        {
            throw new ModelBuildException($"{path} is missing; a Hugging Face model folder has it");
        }

        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var config = document.RootElement;
        var architecture = config.TryGetProperty("architectures", out var names) && names.GetArrayLength() > 0
            ? names[0].GetString() : null;
        if (ModelFamily.Find(architecture) is not { } family)
        {
            throw new ModelBuildException($"{path}: architecture {architecture ?? "(none)"} is not supported; "
                + string.Join(", ", ModelFamily.Architectures) + " are");
        }

        Refuse(path, config, family);
        return family.Complete(Common(path, folder, config, family), config);
    }

    private static ModelShape Common(string path, string folder, JsonElement config, ModelFamily family)
    {
        var heads = Integer(path, config, "num_attention_heads");
        var hidden = Integer(path, config, "hidden_size");
        return new ModelShape
        {
            Family = family.Name,
            Hidden = hidden,
            Intermediate = Integer(path, config, "intermediate_size"),
            Layers = Integer(path, config, "num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = Optional(config, "num_key_value_heads")?.GetInt32() ?? heads,
            HeadSize = Optional(config, "head_dim")?.GetInt32() ?? family.HeadSize ?? hidden / heads,
            Vocabulary = Integer(path, config, "vocab_size"),
            ContextLength = Optional(config, "max_position_embeddings")?.GetInt32() ?? 2048,
            NormEpsilon = Optional(config, "rms_norm_eps")?.GetSingle() ?? 1e-6f,
            RopeTheta = Theta(config),
            RopeScaling = Scaling(path, config),
            RotaryFraction = Optional(config, "partial_rotary_factor")?.GetDouble() ?? 1,
            QkvBias = Optional(config, "attention_bias")?.GetBoolean() ?? family.HasQkvBias,
            TiedEmbeddings = Optional(config, "tie_word_embeddings")?.GetBoolean() ?? family.TiesEmbeddings,
            BosToken = Tokens(Optional(config, "bos_token_id")).Cast<int?>().FirstOrDefault(),
            PadToken = Tokens(Optional(config, "pad_token_id")).Cast<int?>().FirstOrDefault(),
            EosTokens = EndTokens(folder, config),
        };
    }

    /// <summary>Settings that change the mathematics and that the graph does not have.</summary>
    private static void Refuse(string path, JsonElement config, ModelFamily family)
    {
        var activation = (Optional(config, "hidden_activation") ?? Optional(config, "hidden_act"))?.GetString();
        if (activation is not null && activation != family.Activation)
        {
            throw new ModelBuildException($"{path}: hidden_act {activation} is not supported; {family.Activation} is");
        }

        if (Optional(config, "mlp_bias")?.GetBoolean() == true)
        {
            throw new ModelBuildException($"{path}: mlp_bias is not supported");
        }

        if (Optional(config, "use_sliding_window")?.GetBoolean() == true)
        {
            throw new ModelBuildException($"{path}: use_sliding_window is not supported");
        }

        if (Optional(config, "rope_parameters") is { } rope && Optional(rope, "full_attention") is not null)
        {
            throw new ModelBuildException($"{path}: rope_parameters per kind of layer are not supported; rope_theta and rope_local_base_freq are");
        }

        if (Optional(config, "attention_bias")?.GetBoolean() == true && !family.HasQkvBias && family.Name != "llama")
        {
            throw new ModelBuildException($"{path}: attention_bias is not supported for {family.Name}");
        }
    }

    private static double Theta(JsonElement config) =>
        Optional(config, "rope_theta")?.GetDouble()
        ?? (Optional(config, "rope_parameters") is { } rope ? Optional(rope, "rope_theta")?.GetDouble() : null)
        ?? 10_000;

    private static RopeScaling? Scaling(string path, JsonElement config)
    {
        if ((Optional(config, "rope_scaling") ?? Optional(config, "rope_parameters")) is not { } scaling)
        {
            return null;
        }

        var kind = (Optional(scaling, "rope_type") ?? Optional(scaling, "type"))?.GetString() ?? "default";
        return kind switch
        {
            "default" => null,
            "linear" => new RopeScaling(kind, scaling.GetProperty("factor").GetDouble()),
            "llama3" => new RopeScaling(
                kind,
                scaling.GetProperty("factor").GetDouble(),
                scaling.GetProperty("low_freq_factor").GetDouble(),
                scaling.GetProperty("high_freq_factor").GetDouble(),
                scaling.GetProperty("original_max_position_embeddings").GetInt32()),
            "longrope" or "su" => LongRope(path, config, scaling),
            _ => throw new ModelBuildException($"{path}: rope scaling {kind} is not supported; linear, llama3 and longrope are"),
        };
    }

    private static RopeScaling LongRope(string path, JsonElement config, JsonElement scaling)
    {
        if ((Optional(config, "original_max_position_embeddings") ?? Optional(scaling, "original_max_position_embeddings")) is not { } original)
        {
            throw new ModelBuildException($"{path}: longrope without original_max_position_embeddings is not supported");
        }

        double[] Factors(string name) => [.. scaling.GetProperty(name).EnumerateArray().Select(factor => factor.GetDouble())];
        var extended = Optional(config, "max_position_embeddings")?.GetInt32() ?? original.GetInt32();
        return new RopeScaling("longrope", (double)extended / original.GetInt32(), OriginalContextLength: original.GetInt32())
        {
            ShortFactors = Factors("short_factor"),
            LongFactors = Factors("long_factor"),
        };
    }

    private static int[] EndTokens(string folder, JsonElement config)
    {
        var path = Path.Combine(folder, "generation_config.json");
        if (File.Exists(path))
        {
            using var generation = JsonDocument.Parse(File.ReadAllText(path));
            var tokens = Tokens(Optional(generation.RootElement, "eos_token_id"));
            if (tokens.Length > 0)
            {
                return tokens;
            }
        }

        return Tokens(Optional(config, "eos_token_id"));
    }

    private static int[] Tokens(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.Number } number => [number.GetInt32()],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(token => token.GetInt32())],
        _ => [],
    };

    internal static JsonElement? Optional(JsonElement config, string name) =>
        config.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static int Integer(string path, JsonElement config, string name) =>
        Optional(config, name)?.GetInt32() ?? throw new ModelBuildException($"{path}: {name} is missing");
}
