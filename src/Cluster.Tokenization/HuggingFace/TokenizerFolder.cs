using System.Text.Json;
using Cluster.Tokenization.Templates;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>
/// A model folder as Hugging Face lays it out: tokenizer.json, and beside it, where present, tokenizer_config.json, special_tokens_map.json,
/// generation_config.json, config.json, genai_config.json and chat_template.jinja.
/// </summary>
public sealed class TokenizerFolder
{
    private readonly string _folder;
    private readonly TokenizerOptions _options;
    private readonly JsonElement? _tokenizerConfig;
    private readonly JsonElement? _specialTokens;

    public TokenizerFolder(string folder, TokenizerOptions? options = null)
    {
        _folder = folder;
        _options = options ?? TokenizerOptions.Default;
        _tokenizerConfig = ReadJson("tokenizer_config.json");
        _specialTokens = ReadJson("special_tokens_map.json");
    }

    public HuggingFaceTokenizer LoadTokenizer()
    {
        byte[] file = ReadFile("tokenizer.json") ?? throw Missing();
        TokenizerParts parts = new TokenizerBuilder(_options).Build(file);
        JsonElement? model = ReadJson("genai_config.json")?.Get("model");
        JsonElement? config = ReadJson("config.json");

        // Whoever names end tokens for generation knows best; the tokenizer's own end token comes last.
        var ends = new List<int>();
        AddIds(model, "eos_token_id", ends);
        AddIds(ReadJson("generation_config.json"), "eos_token_id", ends);
        AddIds(config, "eos_token_id", ends);
        if (SpecialToken("eos_token") is { } content && parts.IdOf(content) is >= 0 and int id && !ends.Contains(id)) ends.Add(id);

        int rows = Math.Max(model?.GetInt("vocab_size", 0) ?? 0, Math.Max(config?.GetInt("vocab_size", 0) ?? 0, config?.Get("text_config")?.GetInt("vocab_size", 0) ?? 0));
        return parts.ToTokenizer(ends, rows);
    }

    /// <summary>The folder's chat template, or null where it has none.</summary>
    /// <param name="time">What strftime_now in a template asks.</param>
    /// <param name="name">Which of several named templates; "default" otherwise.</param>
    public ChatTemplate? LoadChatTemplate(TimeProvider time, string name = "default", TemplateOptions? options = null)
    {
        string? source = ReadFile("chat_template.jinja") is { } file ? System.Text.Encoding.UTF8.GetString(file) : FindTemplate(name);
        if (source is null) return null;
        var tokens = new Dictionary<string, string>();
        foreach (string key in (ReadOnlySpan<string>)["bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token"])
        {
            if (SpecialToken(key) is { } content) tokens[key] = content;
        }
        return new ChatTemplate(source, tokens, time, options);
    }

    private TokenizerException Missing()
    {
        string? other = Directory.Exists(_folder)
            ? Directory.EnumerateFiles(_folder).Select(Path.GetFileName).FirstOrDefault(name => name is "tokenizer.model" or "spiece.model" || name!.EndsWith(".tiktoken", StringComparison.Ordinal))
            : null;
        string hint = other is null ? "" : $"; {other} is there, but says nothing of added tokens and end tokens: save the model's fast tokenizer beside it";
        return new TokenizerException(TokenizerError.FileMissing, $"there is no tokenizer.json in {_folder}{hint}");
    }

    private string? FindTemplate(string name)
    {
        JsonElement? template = _tokenizerConfig?.Get("chat_template") ?? ReadJson("chat_template.json")?.Get("chat_template");
        if (template is { ValueKind: JsonValueKind.String } single) return single.GetString();
        if (template is not { ValueKind: JsonValueKind.Array } several) return null;
        foreach (JsonElement entry in several.EnumerateArray())
        {
            if (entry.GetString("name") == name) return entry.GetString("template");
        }
        return null;
    }

    /// <summary>A special token's content; these files write it as a string or as an object.</summary>
    private string? SpecialToken(string key)
    {
        JsonElement? value = _tokenizerConfig?.Get(key) ?? _specialTokens?.Get(key);
        return value is { ValueKind: JsonValueKind.String } text ? text.GetString() : value?.GetString("content");
    }

    private static void AddIds(JsonElement? config, string key, List<int> ids)
    {
        if (config?.Get(key) is not { } value) return;
        IEnumerable<JsonElement> values = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [value];
        foreach (JsonElement item in values)
        {
            if (item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id) && !ids.Contains(id)) ids.Add(id);
        }
    }

    private JsonElement? ReadJson(string name)
    {
        if (ReadFile(name) is not { } file) return null;
        try
        {
            return JsonDocument.Parse(file, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip }).RootElement;
        }
        catch (JsonException e)
        {
            throw new TokenizerException(TokenizerError.FileMalformed, $"{Path.Combine(_folder, name)} is not JSON: {e.Message}", e);
        }
    }

    private byte[]? ReadFile(string name)
    {
        string path = Path.Combine(_folder, name);
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) return null;
            return file.Length <= _options.FileBytesMax
                ? File.ReadAllBytes(path)
                : throw TokenizerException.Malformed($"{path} has {file.Length} bytes; the limit is {_options.FileBytesMax} (TokenizerOptions.FileBytesMax)");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException(TokenizerError.FileMissing, $"{path} cannot be read: {e.Message}", e);
        }
    }
}
