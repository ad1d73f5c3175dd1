using System.Text.Json;
using Cluster.Tokenization.HuggingFace;
using Cluster.Tokenization.HuggingFace.PreTokenizers;

namespace Cluster.Tokenization.Tests.HuggingFace.PreTokenizers;

/// <summary>What the original tokenizers do, by their documentation; the npm port lacks some of it.</summary>
public sealed class PreTokenizerTests
{
    private static string[] Split(string json, string text, bool atTextStart = true)
    {
        var pieces = new PieceList();
        pieces.Reset(text, atTextStart);
        new PreTokenizerReader(modelTakesBytes: true).Read(JsonElement.Parse(json))!.Apply(pieces);
        return [.. pieces.Pieces.Select(piece => pieces.Text.Substring(piece.Start, piece.Length))];
    }

    [Theory]
    [InlineData("Removed", new[] { "the", "final", "countdown" })]
    [InlineData("Isolated", new[] { "the", "-", "final", "-", "-", "countdown" })]
    [InlineData("MergedWithPrevious", new[] { "the-", "final-", "-", "countdown" })]
    [InlineData("MergedWithNext", new[] { "the", "-final", "-", "-countdown" })]
    [InlineData("Contiguous", new[] { "the", "-", "final", "--", "countdown" })]
    public void Split_Behaviours_CutAsDocumented(string behavior, string[] expected)
    {
        string pattern(string kind) => $$"""{"type":"Split","pattern":{"{{kind}}":"-"},"behavior":"{{behavior}}","invert":false}""";
        Assert.Equal(expected, Split(pattern("String"), "the-final--countdown"));
        Assert.Equal(expected, Split(pattern("Regex"), "the-final--countdown"));
    }

    [Theory]
    [InlineData("""{"type":"Split","pattern":{"Regex":"\\w+"},"behavior":"Removed","invert":true}""", "Hey, you!", new[] { "Hey", "you" })]
    [InlineData("""{"type":"Split","pattern":{"Regex":"x*"},"behavior":"Isolated","invert":false}""", "axxb", new[] { "a", "xx", "b" })]
    [InlineData("""{"type":"Whitespace"}""", "Hello, wörld 123! 𝕏y", new[] { "Hello", ",", "wörld", "123", "!", "𝕏y" })]
    [InlineData("""{"type":"WhitespaceSplit"}""", " a\u00A0b\u3000c\td ", new[] { "a", "b", "c", "d" })]
    [InlineData("""{"type":"Digits","individual_digits":true}""", "a12½b٣", new[] { "a", "1", "2", "½", "b", "٣" })]
    [InlineData("""{"type":"Digits","individual_digits":false}""", "a12½b", new[] { "a", "12½", "b" })]
    [InlineData("""{"type":"Punctuation"}""", "Hey!? «you»$", new[] { "Hey", "!", "?", " ", "«", "you", "»", "$" })]
    [InlineData("""{"type":"Punctuation","behavior":"Contiguous"}""", "Hey!? you", new[] { "Hey", "!?", " you" })]
    [InlineData("""{"type":"BertPreTokenizer"}""", "Hey, don't", new[] { "Hey", ",", "don", "'", "t" })]
    [InlineData("""{"type":"CharDelimiterSplit","delimiter":"-"}""", "a-b--c", new[] { "a", "b", "c" })]
    [InlineData("""{"type":"FixedLength","length":2}""", "a𝕏bcd", new[] { "a𝕏", "bc", "d" })]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""", "Hey  you", new[] { "▁Hey", "▁", "▁you" })]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}""", "Hey you", new[] { "Hey▁you" })]
    [InlineData("""{"type":"Metaspace","replacement":"▁","add_prefix_space":false}""", "Hey you", new[] { "Hey", "▁you" })]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true}""", "Hello  it's 42", new[] { " Hello", " ", " it", "'s", " 42" })]
    public void Apply_Type_CutsAsTheOriginal(string json, string text, string[] expected) => Assert.Equal(expected, Split(json, text));

    [Fact]
    public void Metaspace_First_PrefixesOnlyTheTextsBeginning()
    {
        const string Json = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}""";
        Assert.Equal(["▁a", "▁b"], Split(Json, "a b"));
        Assert.Equal(["a", "▁b"], Split(Json, "a b", atTextStart: false));
    }

    [Theory]
    [InlineData("""{"type":"UnicodeScripts"}""")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"(a)\\1"},"behavior":"Isolated"}""")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"\\p{Nonsense}"},"behavior":"Isolated"}""")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"(?<=a*)b"},"behavior":"Isolated"}""")]
    [InlineData("""{"type":"Split","pattern":{"String":"a"},"behavior":"Sideways"}""")]
    public void Read_WhatIsUnknown_IsUnsupported(string json) =>
        Assert.Equal(TokenizerError.Unsupported, Assert.Throws<TokenizerException>(() => Split(json, "a")).Error);
}
