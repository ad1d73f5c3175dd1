using System.Text.Json;
using Cluster.Tokenization.HuggingFace.PreTokenizers;
using Cluster.Tokenization.Patterns;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>Builds the pre-tokenizer that tokenizer.json describes.</summary>
internal sealed class PreTokenizerReader(bool modelTakesBytes)
{
    private const string Gpt2Words = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>The pre-tokenizer ends in ByteLevel, so that the model sees nothing but its alphabet.</summary>
    public static bool EndsInBytes(JsonElement? config)
    {
        if (config is not { ValueKind: JsonValueKind.Object } json) return false;
        if (json.GetString("type") == "ByteLevel") return true;
        JsonElement[] steps = [.. json.GetList("pretokenizers")];
        return steps.Length > 0 && EndsInBytes(steps[^1]) && !steps[..^1].Any(step => step.GetString("type") is "ByteLevel" or "Sequence");
    }

    public PreTokenizer? Read(JsonElement? config)
    {
        if (config is not { ValueKind: JsonValueKind.Object } json) return null;
        return json.GetString("type") switch
        {
            "Sequence" => new PreTokenizer.Chain([.. json.GetList("pretokenizers").Select(step => Read(step)!)]),
            "ByteLevel" => ReadByteLevel(json),
            "Split" => ReadSplit(json),
            "Metaspace" => ReadMetaspace(json),
            "Digits" => new PreTokenizer.SplitPoints(CodePoints.IsNumeric, json.GetBool("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
            "Punctuation" => new PreTokenizer.SplitPoints(CodePoints.IsPunctuation, ReadBehavior(json.GetString("behavior") ?? "Isolated")),
            "Whitespace" => new PreTokenizer.SplitPattern(Pattern.Parse(@"\w+|[^\w\s]+"), SplitBehavior.Removed, invert: true),
            "WhitespaceSplit" => new PreTokenizer.SplitPoints(CodePoints.IsWhiteSpace, SplitBehavior.Removed),
            "CharDelimiterSplit" => ReadCharDelimiter(json),
            "FixedLength" => new PreTokenizer.FixedLength(json.GetInt("length", 5)),
            "BertPreTokenizer" => new PreTokenizer.Chain([
                new PreTokenizer.SplitPoints(CodePoints.IsWhiteSpace, SplitBehavior.Removed),
                new PreTokenizer.SplitPoints(CodePoints.IsPunctuation, SplitBehavior.Isolated)]),
            string other => throw TokenizerException.Unsupported("pre-tokenizer " + other),
            null => throw TokenizerException.Malformed("a pre-tokenizer without a type"),
        };
    }

    private PreTokenizer ReadByteLevel(JsonElement json)
    {
        var steps = new List<PreTokenizer>();
        if (json.GetBool("add_prefix_space", true)) steps.Add(new PreTokenizer.PrefixSpace());
        if (json.GetBool("use_regex", true)) steps.Add(new PreTokenizer.SplitPattern(Pattern.Parse(Gpt2Words), SplitBehavior.Isolated, invert: false));
        if (!modelTakesBytes) steps.Add(new PreTokenizer.SpellBytes());
        return new PreTokenizer.Chain(steps);
    }

    private static PreTokenizer ReadSplit(JsonElement json)
    {
        SplitBehavior behavior = ReadBehavior(json.GetString("behavior") ?? "");
        bool invert = json.GetBool("invert", false);
        JsonElement? pattern = json.Get("pattern");
        if (pattern?.GetString("String") is { } literal) return new PreTokenizer.SplitString(literal, behavior, invert);
        if (pattern?.GetString("Regex") is { } regex) return new PreTokenizer.SplitPattern(Pattern.Parse(regex), behavior, invert);
        throw TokenizerException.Malformed("Split without a pattern");
    }

    private static PreTokenizer ReadCharDelimiter(JsonElement json)
    {
        string delimiter = json.GetString("delimiter") ?? throw TokenizerException.Malformed("CharDelimiterSplit without a delimiter");
        return new PreTokenizer.SplitString(delimiter, SplitBehavior.Removed, invert: false);
    }

    private static PreTokenizer ReadMetaspace(JsonElement json)
    {
        string replacement = json.GetString("replacement") ?? "\u2581";
        if (replacement.Length != 1) throw TokenizerException.Malformed("Metaspace replaces by one character");
        PreTokenizer.PrefixScheme scheme = json.GetString("prepend_scheme") switch
        {
            "always" => PreTokenizer.PrefixScheme.Always,
            "first" => PreTokenizer.PrefixScheme.First,
            "never" => PreTokenizer.PrefixScheme.Never,
            // Files from before 2023 say it with a flag.
            null => json.GetBool("add_prefix_space", true) ? PreTokenizer.PrefixScheme.Always : PreTokenizer.PrefixScheme.Never,
            string other => throw TokenizerException.Unsupported("Metaspace prepend_scheme " + other),
        };
        return new PreTokenizer.Metaspace(replacement[0], scheme, json.GetBool("split", true));
    }

    private static SplitBehavior ReadBehavior(string name) =>
        Enum.TryParse(name, ignoreCase: true, out SplitBehavior behavior) ? behavior : throw TokenizerException.Unsupported("split behavior " + name);
}
