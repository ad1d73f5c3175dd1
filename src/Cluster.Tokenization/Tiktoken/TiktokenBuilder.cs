using System.Globalization;
using System.Text.Json;
using Cluster.Tokenization.HuggingFace;
using Cluster.Tokenization.HuggingFace.Decoders;
using Cluster.Tokenization.HuggingFace.Models;
using Cluster.Tokenization.HuggingFace.PreTokenizers;
using Cluster.Tokenization.Patterns;

namespace Cluster.Tokenization.Tiktoken;

/// <summary>
/// Turns a tiktoken rank file into <see cref="TokenizerParts"/>: the byte-level pair model that a tokenizer.json of the same tokens has.
/// <list type="number">
/// <item>Ranks, from the file.</item>
/// <item>Word pattern: "pat_str" of tokenizer_config.json, or the published encoding with as many ranks.</item>
/// <item>Special tokens: "added_tokens_decoder" of tokenizer_config.json, or that encoding's.</item>
/// <item>Merges: tokens in order of rank; what the merges so far leave of a token's bytes is the pair that it is merged from.</item>
/// </list>
/// </summary>
/// <remarks>
/// Rejected: every pair whose bytes together are a token, which tiktoken itself looks up. Only one pair of each token can ever meet: the others
/// are broken up by a merge of lower rank. The table is a quarter of the size.
/// </remarks>
internal sealed class TiktokenBuilder(JsonElement? tokenizerConfig, TokenizerOptions options)
{
    /// <param name="ends">Takes the ids that end a sequence, where the encoding is a published one.</param>
    public TokenizerParts Build(ReadOnlySpan<byte> file, List<int> ends)
    {
        // 1.
        List<(int Rank, byte[] Bytes)> ranks = TiktokenFile.Read(file, options.VocabularySizeMax);
        TiktokenEncoding? published = TiktokenEncoding.Find(ranks.Count);

        // 2.
        string words = tokenizerConfig?.GetString("pat_str") ?? published?.Pattern
            ?? throw TokenizerException.Unsupported($"a tiktoken file of {ranks.Count} ranks, which is no published encoding; name its word pattern as \"pat_str\" in tokenizer_config.json");
        var preTokenizer = new PreTokenizer.SplitPattern(Pattern.Parse(words, PatternDialect.Rust), SplitBehavior.Isolated, invert: false);

        // 3.
        List<AddedToken> added = ReadAdded() ?? [.. (published?.Specials ?? new Dictionary<string, int>()).Select(pair => Special(pair.Key, pair.Value))];
        foreach (string end in published?.Ends ?? []) if (added.Find(token => token.Content == end) is { } token) ends.Add(token.Id);

        // 4.
        var table = new TokenTable();
        table.Reserve(ranks[^1].Rank + 1, file.Length / 2);
        foreach ((int rank, byte[] bytes) in ranks) table.Add(bytes, rank);
        Refuse(added, ranks);
        var model = new BytePairModel(new BytePairConfig { ByteLevel = true, IgnoreMerges = true }, table, Merges(ranks, table));
        var decoder = JsonSerializer.SerializeToElement(new { type = "Fuse" });
        return new TokenizerParts(model, normalizer: null, preTokenizer, added, new TokenSpeller(decoder), postProcessor: null, options);
    }

    private static MergeTable Merges(List<(int Rank, byte[] Bytes)> ranks, TokenTable table)
    {
        var merges = new MergeTable(ranks.Count);
        var byteIds = new int[256];
        for (int value = 0; value < 256; value++) byteIds[value] = table.Find([(byte)value]);
        int[] symbols = new int[ranks.Max(token => token.Bytes.Length)];
        foreach ((int rank, byte[] bytes) in ranks)
        {
            if (bytes.Length < 2) continue;
            for (int i = 0; i < bytes.Length; i++) symbols[i] = byteIds[bytes[i]];
            int left = BytePairMerger.Merge(symbols.AsSpan(0, bytes.Length), merges);
            if (left == 2) merges.Add(symbols[0], symbols[1], rank, rank);
        }
        return merges;
    }

    /// <summary>Null where the file beside it lists none.</summary>
    private List<AddedToken>? ReadAdded()
    {
        if (tokenizerConfig?.Get("added_tokens_decoder") is not { ValueKind: JsonValueKind.Object } list) return null;
        var added = new List<AddedToken>();
        foreach (JsonProperty entry in list.EnumerateObject())
        {
            bool isId = int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) && id < options.VocabularySizeMax;
            if (!isId || entry.Value.GetString("content") is not { Length: > 0 } content) throw TokenizerException.Malformed("an added token of tokenizer_config.json without id or content");
            bool isSpecial = entry.Value.GetBool("special", false);
            added.Add(new AddedToken(id, content, entry.Value.GetBool("single_word", false), entry.Value.GetBool("lstrip", false), entry.Value.GetBool("rstrip", false),
                Normalized: false, isSpecial));
        }
        return added;
    }

    private static void Refuse(List<AddedToken> added, List<(int Rank, byte[] Bytes)> ranks)
    {
        var taken = new HashSet<int>(ranks.Select(token => token.Rank));
        if (added.Find(token => taken.Contains(token.Id)) is { } twice) throw TokenizerException.Malformed($"id {twice.Id} is a rank of the tiktoken file and an added token as well");
    }

    private static AddedToken Special(string content, int id) => new(id, content, SingleWord: false, LeftStrip: false, RightStrip: false, Normalized: false, Special: true);
}
