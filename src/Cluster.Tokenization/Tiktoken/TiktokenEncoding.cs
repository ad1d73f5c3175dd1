namespace Cluster.Tokenization.Tiktoken;

/// <summary>What a tiktoken file does not say: how text is cut into words, which tokens are special, which of them end a sequence.</summary>
/// <param name="Pattern">Regular expression of one word.</param>
/// <param name="Specials">Contents and ids.</param>
/// <param name="Ends">Contents of the tokens that end a sequence, the usual one first.</param>
internal sealed record TiktokenEncoding(string Pattern, IReadOnlyDictionary<string, int> Specials, IReadOnlyList<string> Ends)
{
    private const string EndOfText = "<|endoftext|>";

    private const string Gpt2Words = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private const string Cl100kWords =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string QwenWords =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string O200kWords =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The published encodings, by their number of ranks, in which no two of them agree.</summary>
    private static readonly Dictionary<int, TiktokenEncoding> _byRankCount = new()
    {
        // r50k_base (GPT-2)
        [50_256] = new(Gpt2Words, new Dictionary<string, int> { [EndOfText] = 50_256 }, [EndOfText]),

        // p50k_base
        [50_280] = new(Gpt2Words, new Dictionary<string, int> { [EndOfText] = 50_256 }, [EndOfText]),

        // cl100k_base
        [100_256] = new(Cl100kWords, new Dictionary<string, int>
        {
            [EndOfText] = 100_257, ["<|fim_prefix|>"] = 100_258, ["<|fim_middle|>"] = 100_259, ["<|fim_suffix|>"] = 100_260, ["<|endofprompt|>"] = 100_276,
        }, [EndOfText]),

        // Llama 3
        [128_000] = new(Cl100kWords, LlamaSpecials(), ["<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"]),

        // Qwen
        [151_643] = new(QwenWords, QwenSpecials(), [EndOfText, "<|im_end|>"]),

        // o200k_base
        [199_998] = new(O200kWords, new Dictionary<string, int> { [EndOfText] = 199_999, ["<|endofprompt|>"] = 200_018 }, [EndOfText]),
    };

    /// <summary>Null where no published encoding has as many ranks.</summary>
    public static TiktokenEncoding? Find(int rankCount) => _byRankCount.GetValueOrDefault(rankCount);

    private static Dictionary<string, int> LlamaSpecials()
    {
        const int First = 128_000, Count = 256;
        var named = new Dictionary<int, string>
        {
            [0] = "<|begin_of_text|>", [1] = "<|end_of_text|>", [4] = "<|finetune_right_pad_id|>", [6] = "<|start_header_id|>", [7] = "<|end_header_id|>",
            [8] = "<|eom_id|>", [9] = "<|eot_id|>", [10] = "<|python_tag|>",
        };
        var specials = new Dictionary<string, int>();
        for (int i = 0, reserved = 0; i < Count; i++)
        {
            specials[named.TryGetValue(i, out string? name) ? name : $"<|reserved_special_token_{reserved++}|>"] = First + i;
        }
        return specials;
    }

    private static Dictionary<string, int> QwenSpecials()
    {
        const int First = 151_643, Extras = 205;
        var specials = new Dictionary<string, int> { [EndOfText] = First, ["<|im_start|>"] = First + 1, ["<|im_end|>"] = First + 2 };
        for (int i = 0; i < Extras; i++) specials[$"<|extra_{i}|>"] = First + 3 + i;
        return specials;
    }
}
