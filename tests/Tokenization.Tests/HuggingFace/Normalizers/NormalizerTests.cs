using System.Buffers.Binary;
using System.Text.Json;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Tokenization.Tests.HuggingFace.Normalizers;

/// <summary>What the original normalizers do; the npm port differs in some of it.</summary>
public sealed class NormalizerTests
{
    private static string Apply(string json, string text) => NormalizerReader.Read(JsonElement.Parse(json))!.Apply(text);

    [Theory]
    [InlineData("""{"type":"Lowercase"}""", "ÀΣΑΣ İ 𐐀", "àσασ i\u0307 𐐨")]
    [InlineData("""{"type":"StripAccents"}""", "e\u0301é", "eé")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":false}""", " \u0085a ", "a ")]
    [InlineData("""{"type":"Prepend","prepend":"▁"}""", "", "")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"a*"},"content":"-"}""", "baac", "-b--c-")]
    [InlineData("""{"type":"ByteLevel"}""", "é a", "Ã©Ġa")]
    [InlineData("""{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}""", "É\u0000\u200D\t漢\U00020000x", "e  漢  \U00020000 x")]
    [InlineData("""{"type":"BertNormalizer","clean_text":false,"handle_chinese_chars":false,"strip_accents":false,"lowercase":false}""", "É漢", "É漢")]
    public void Apply_Type_RewritesAsTheOriginal(string json, string text, string expected) => Assert.Equal(expected, Apply(json, text));

    /// <summary>A double-array trie with the keys "a" → "xyz" and "ﬁ" → "fi", laid out by hand.</summary>
    [Theory]
    [InlineData("a", "xyz")]
    [InlineData("bab", "bxyzb")]
    [InlineData("ﬁn", "fin")]
    [InlineData("a\u0301", "xyz")]
    [InlineData("👩‍👩‍👧", "👩‍👩‍👧")]
    [InlineData("", "")]
    public void Precompiled_Table_ReplacesItsKeys(string text, string expected) =>
        Assert.Equal(expected, Apply($$"""{"type":"Precompiled","precompiled_charsmap":"{{CharsMap(("a", 0), ("ﬁ", 4))}}"}""", text));

    [Theory]
    [InlineData("AAAA")]
    [InlineData("/////w==")]
    [InlineData("%")]
    public void Precompiled_BrokenTable_IsMalformed(string map) =>
        Assert.Equal(TokenizerError.FileMalformed, Assert.Throws<TokenizerException>(() => Apply($$"""{"type":"Precompiled","precompiled_charsmap":"{{map}}"}""", "a")).Error);

    private static string CharsMap(params (string Key, int Value)[] keys)
    {
        // Every node gets a block of 256 units; a unit's offset is the exclusive or of its own place and its children's block.
        var units = new uint[256 * 8];
        int blocks = 1;
        units[0] = 256 << 10;
        foreach ((string key, int value) in keys)
        {
            int block = 256;
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(key);
            for (int i = 0; i < bytes.Length; i++)
            {
                int place = block ^ bytes[i];
                bool last = i == bytes.Length - 1;
                if (units[place] == 0)
                {
                    int child = ++blocks * 256;
                    units[place] = (uint)((place ^ child) << 10) | bytes[i] | (last ? 1u << 8 : 0);
                    if (last) units[child] = (uint)value | 0x8000_0000;
                }
                block = place ^ (int)(units[place] >> 10);
            }
        }
        byte[] replacements = "xyz\0fi\0"u8.ToArray();
        var map = new byte[4 + units.Length * 4 + replacements.Length];
        BinaryPrimitives.WriteInt32LittleEndian(map, units.Length * 4);
        for (int i = 0; i < units.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(map.AsSpan(4 + i * 4), units[i]);
        replacements.CopyTo(map, 4 + units.Length * 4);
        return Convert.ToBase64String(map);
    }
}
