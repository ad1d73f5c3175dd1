using System.Text.Json;

namespace Cluster.Onnx.Folders;

/// <summary>What a folder's JSON says about its graph, whichever tool wrote it. Patterns hold <c>%d</c> for the layer.</summary>
internal sealed record FolderSettings
{
    public string? GraphFile { get; init; }

    public int ContextLength { get; init; }

    public IReadOnlyList<int> EndTokens { get; init; } = [];

    public string Tokens { get; init; } = "input_ids";

    public string Mask { get; init; } = "attention_mask";

    public string Positions { get; init; } = "position_ids";

    public string Logits { get; init; } = "logits";

    public string PastKey { get; init; } = "past_key_values.%d.key";

    public string PastValue { get; init; } = "past_key_values.%d.value";

    public string PresentKey { get; init; } = "present.%d.key";

    public string PresentValue { get; init; } = "present.%d.value";

    /// <summary>genai_config.json, else config.json and generation_config.json.</summary>
    public static FolderSettings Read(string folder)
    {
        var genAi = Path.Combine(folder, "genai_config.json");
        if (File.Exists(genAi))
        {
            return Parse(genAi, GenAi);
        }

        var config = Path.Combine(folder, "config.json");
        if (!File.Exists(config))
        {
            throw new ModelLoadException(ModelLoadFailure.MissingFile,
                $"{folder} has neither genai_config.json (ONNX Runtime GenAI) nor config.json (Optimum, transformers.js)");
        }

        var settings = Parse(config, Exported);
        var generation = Path.Combine(folder, "generation_config.json");
        var endTokens = File.Exists(generation) ? Parse(generation, root => EndTokensOf(root)) : [];
        return endTokens.Count > 0 ? settings with { EndTokens = endTokens } : settings;
    }

    private static FolderSettings GenAi(JsonElement root)
    {
        var model = root.GetProperty("model");
        var decoder = model.GetProperty("decoder");
        var (inputs, outputs) = (Part(decoder, "inputs"), Part(decoder, "outputs"));
        var names = new FolderSettings();
        return names with
        {
            GraphFile = Text(decoder, "filename", "model.onnx"),
            ContextLength = Number(model, "context_length"),
            EndTokens = EndTokensOf(model),
            Tokens = Text(inputs, "input_ids", names.Tokens),
            Mask = Text(inputs, "attention_mask", names.Mask),
            Positions = Text(inputs, "position_ids", names.Positions),
            PastKey = Text(inputs, "past_key_names", names.PastKey),
            PastValue = Text(inputs, "past_value_names", names.PastValue),
            Logits = Text(outputs, "logits", names.Logits),
            PresentKey = Text(outputs, "present_key_names", names.PresentKey),
            PresentValue = Text(outputs, "present_value_names", names.PresentValue),
        };
    }

    private static FolderSettings Exported(JsonElement root) => new()
    {
        ContextLength = Number(root, "max_position_embeddings") is var positions and > 0 ? positions : Number(root, "n_positions"),
        EndTokens = EndTokensOf(root),
    };

    private static T Parse<T>(string path, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path));
            return read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ModelLoadException(ModelLoadFailure.CorruptFile, $"{path}: {error.Message}", error);
        }
    }

    private static IReadOnlyList<int> EndTokensOf(JsonElement root) => !root.TryGetProperty("eos_token_id", out var tokens) ? []
        : tokens.ValueKind == JsonValueKind.Number ? [tokens.GetInt32()]
        : tokens.ValueKind == JsonValueKind.Array ? [.. tokens.EnumerateArray().Select(token => token.GetInt32())]
        : [];

    private static JsonElement Part(JsonElement parent, string name) => parent.TryGetProperty(name, out var part) ? part : default;

    private static string Text(JsonElement parent, string name, string otherwise) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var text) ? text.GetString() ?? otherwise : otherwise;

    private static int Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number ? number.GetInt32() : 0;
}
