using System.Text.Json;
using Cluster.Tokenization.SentencePiece;
using Cluster.Tokenization.Templates;
using Cluster.Tokenization.Tiktoken;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>
/// A model folder as Hugging Face lays it out: tokenizer.json (or a SentencePiece or tiktoken file), and beside it, where present, tokenizer_config.json, special_tokens_map.json,
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
        var ownEnds = new List<int>();
        TokenizerParts parts = ReadFile("tokenizer.json") is { } file ? new TokenizerBuilder(_options).Build(file) : ReadOther(ownEnds);
        JsonElement? model = ReadJson("genai_config.json")?.Get("model");
        JsonElement? config = ReadJson("config.json");

        // Whoever names end tokens for generation knows best; the tokenizer's own end token comes last.
        var ends = new List<int>();
        AddIds(model, "eos_token_id", ends);
        AddIds(ReadJson("generation_config.json"), "eos_token_id", ends);
        AddIds(config, "eos_token_id", ends);
        if (SpecialToken("eos_token") is { } content && parts.IdOf(content) is >= 0 and int id && !ends.Contains(id)) ends.Add(id);
        if (ends.Count == 0) ends.AddRange(ownEnds);

        int rows = Math.Max(model?.GetInt("vocab_size", 0) ?? 0, Math.Max(config?.GetInt("vocab_size", 0) ?? 0, config?.Get("text_config")?.GetInt("vocab_size", 0) ?? 0));
        return parts.ToTokenizer(ends, rows);
    }

    /// <summary>The folder's chat template, or null where it has none.</summary>
    /// <param name="time">What strftime_now in a template asks.</param>
    /// <param name="name">Which of several named templates; "default" otherwise.</param>
    /// <param name="instead">A template file that counts instead of the folder's own; null for none. The folder still says what the special tokens are.</param>
    public ChatTemplate? LoadChatTemplate(TimeProvider time, string name = "default", TemplateOptions? options = null, string? instead = null)
    {
        // An absolute path stays what it is when it is combined with the folder.
        byte[]? file = ReadFile(instead is null ? "chat_template.jinja" : Path.GetFullPath(instead));
        if (instead is not null && file is null) throw new TokenizerException(TokenizerError.FileMissing, $"there is no chat template {instead}");
        string? source = file is null ? FindTemplate(name) : System.Text.Encoding.UTF8.GetString(file);
        if (source is null) return null;
        var tokens = new Dictionary<string, string>();
        foreach (string key in (ReadOnlySpan<string>)["bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token"])
        {
            if (SpecialToken(key) is { } content) tokens[key] = content;
        }
        return new ChatTemplate(source, tokens, time, options);
    }

    /// <summary>The file that models without a tokenizer.json have. Llama 3 and others give a tiktoken file the name of a SentencePiece
    /// model, whose first byte is the tag of a piece and no character of base64.</summary>
    /// <param name="ends">Takes the end tokens that the file itself, or its published encoding, names.</param>
    private TokenizerParts ReadOther(List<int> ends)
    {
        if (FindOther() is not { } name) throw new TokenizerException(TokenizerError.FileMissing, $"there is no tokenizer.json, SentencePiece or tiktoken file in {_folder}");
        byte[] bytes = ReadFile(name)!;
        try
        {
            if (bytes.Length == 0 || bytes[0] != 0x0A) return new TiktokenBuilder(_tokenizerConfig, _options).Build(bytes, ends);
            var file = new SentencePieceFile(bytes, _options.VocabularySizeMax);
            if (file.EndId >= 0 && file.EndId < file.Pieces.Length) ends.Add(file.EndId);
            return new SentencePieceBuilder(file, _options).Build();
        }
        catch (TokenizerException e)
        {
            throw new TokenizerException(e.Error, $"{Path.Combine(_folder, name)}: {e.Message}", e);
        }
    }

    private string? FindOther()
    {
        string[] names = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "tiktoken.model"];
        if (names.FirstOrDefault(name => File.Exists(Path.Combine(_folder, name))) is { } known) return known;
        return Directory.Exists(_folder) ? Directory.EnumerateFiles(_folder, "*.tiktoken").Select(Path.GetFileName).Order(StringComparer.Ordinal).FirstOrDefault() : null;
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
