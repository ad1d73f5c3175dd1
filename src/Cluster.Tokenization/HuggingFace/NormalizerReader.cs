using System.Text.Json;
using Cluster.Tokenization.HuggingFace.Normalizers;
using Cluster.Tokenization.Patterns;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>Builds the normalizer that tokenizer.json describes.</summary>
internal static class NormalizerReader
{
    public static Normalizer? Read(JsonElement? config)
    {
        if (config is not { ValueKind: JsonValueKind.Object } json) return null;
        return json.GetString("type") switch
        {
            "Sequence" => new Normalizer.Chain([.. json.GetList("normalizers").Select(step => Read(step)!)]),
            "NFC" => new Normalizer.Unicode(compose: true, compatible: false),
            "NFD" => new Normalizer.Unicode(compose: false, compatible: false),
            "NFKC" => new Normalizer.Unicode(compose: true, compatible: true),
            "NFKD" => new Normalizer.Unicode(compose: false, compatible: true),
            "Lowercase" => new Normalizer.Lowercase(),
            "Prepend" => new Normalizer.Prepend(json.GetString("prepend") ?? ""),
            "Replace" => ReadReplace(json),
            "Strip" => new Normalizer.Strip(json.GetBool("strip_left", true), json.GetBool("strip_right", true)),
            "StripAccents" => new Normalizer.StripAccents(),
            "ByteLevel" => new Normalizer.ByteLevel(),
            "BertNormalizer" => ReadBert(json),
            "Precompiled" => Precompiled.Read(json.GetString("precompiled_charsmap") ?? ""),
            string other => throw TokenizerException.Unsupported("normalizer " + other),
            null => throw TokenizerException.Malformed("a normalizer without a type"),
        };
    }

    public static Normalizer ReadReplace(JsonElement json)
    {
        string content = json.GetString("content") ?? "";
        JsonElement? pattern = json.Get("pattern");
        if (pattern?.GetString("String") is { } literal) return new Normalizer.ReplaceString(literal, content);
        if (pattern?.GetString("Regex") is { } regex) return new Normalizer.ReplacePattern(Pattern.Parse(regex), content);
        throw TokenizerException.Malformed("Replace without a pattern");
    }

    private static BertNormalizer ReadBert(JsonElement json)
    {
        bool lowercase = json.GetBool("lowercase", true);
        return new BertNormalizer(json.GetBool("clean_text", true), json.GetBool("handle_chinese_chars", true), json.GetBool("strip_accents", lowercase), lowercase);
    }
}
