using System.Text;
using Cluster.Tokenization;

namespace Cluster.Serving.Tests;

public sealed class StreamingDetokenizerTests
{
    private const int End = 256;

    [Theory]
    [InlineData("plain")]
    [InlineData("Grüße, 世界! 👩‍👩‍👧 𝕏")]
    [InlineData("")]
    public void Push_ByteByByte_GivesWholeCharactersOnly(string text)
    {
        var detokenizer = new StreamingDetokenizer(new Bytes());
        var pieces = new List<string>();
        foreach (byte value in Encoding.UTF8.GetBytes(text)) pieces.Add(detokenizer.Push(value));
        pieces.Add(detokenizer.Flush());
        Assert.Equal(text, string.Concat(pieces));
        Assert.All(pieces, piece => Assert.Equal(piece, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(piece))));
        Assert.Equal("", pieces[^1]);
    }

    [Fact]
    public void Push_AnyBytesInAnyCut_EqualsDecode()
    {
        var random = new Random(7);
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = new byte[random.Next(1, 12)];
            random.NextBytes(bytes);
            var tokenizer = new Bytes();
            var detokenizer = new StreamingDetokenizer(tokenizer);
            string streamed = string.Concat(bytes.Select(value => detokenizer.Push(value))) + detokenizer.Flush();
            Assert.Equal(tokenizer.Decode([.. bytes.Select(value => (int)value)]), streamed);
        }
    }

    [Fact]
    public void Push_SpecialToken_GivesNothingAndDoesNotDisturb()
    {
        var detokenizer = new StreamingDetokenizer(new Bytes());
        Assert.Equal("", detokenizer.Push(0xC3));
        Assert.Equal("", detokenizer.Push(End));
        Assert.Equal("é", detokenizer.Push(0xA9));
    }

    [Fact]
    public void Push_UnknownId_GivesNothing() => Assert.Equal("", new StreamingDetokenizer(new Bytes()).Push(100_000));

    [Fact]
    public void Flush_HalfACharacter_IsOneReplacementCharacter()
    {
        var detokenizer = new StreamingDetokenizer(new Bytes());
        Assert.Equal("", detokenizer.Push(0xF0) + detokenizer.Push(0x9F) + detokenizer.Push(0x98));
        Assert.Equal("\uFFFD", detokenizer.Flush());
        Assert.Equal("", detokenizer.Flush());
    }

    [Theory]
    [InlineData("  a b", 1, " a b")]
    [InlineData(" a", 1, "a")]
    [InlineData("a b", 1, "a b")]
    [InlineData(" a", 0, " a")]
    public void Push_LeadingSpaces_AreDroppedOnceAtTheBeginning(string spelled, int dropped, string expected)
    {
        var detokenizer = new StreamingDetokenizer(new Bytes(dropped));
        Assert.Equal(expected, string.Concat(Encoding.UTF8.GetBytes(spelled).Select(value => detokenizer.Push(value))) + detokenizer.Flush());
    }

    /// <summary>One token per byte, and an end token.</summary>
    private sealed class Bytes(int leadingSpacesDropped = 0) : ITokenizer
    {
        public Vocabulary Vocabulary { get; } = new([.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), "<end>"u8.ToArray()], [End], [End]);

        public int LeadingSpacesDropped => leadingSpacesDropped;

        public int[] Encode(string text, bool parseSpecial) => [.. Encoding.UTF8.GetBytes(text).Select(value => (int)value)];

        public string Decode(ReadOnlySpan<int> ids) => Encoding.UTF8.GetString([.. ids.ToArray().Select(id => (byte)id)]);
    }
}
