using System.Buffers;
using System.Text;
using System.Text.Json;
using Cluster.OpenAI.Replies;

namespace Cluster.OpenAI.Tests.Replies;

public class ChunkTemplateTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Hello")]
    [InlineData("\"quoted\" \\ \n\t\r\b\f\0 \u0001 \u007f")]
    [InlineData("Grüß dich 👋 <>&'+ \u2028 \u00a0")]
    [InlineData("\ud83d")]
    public void Write_AnyText_IsWhatTheWriterWouldWrite(string text)
    {
        static void WriteChunk(Utf8JsonWriter json, string text)
        {
            json.WriteStartObject();
            json.WriteNumber("index", 0);
            json.WriteString("content", text);
            json.WriteNull("usage");
            json.WriteEndObject();
        }
        var expected = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(expected, JsonText.WriterOptions)) WriteChunk(json, text);
        var actual = new ArrayBufferWriter<byte>();
        var template = new ChunkTemplate(WriteChunk);
        for (int n = 0; n < 2; n++) template.Write(actual, text);
        string one = $"data: {Encoding.UTF8.GetString(expected.WrittenSpan)}\n\n";
        Assert.Equal(one + one, Encoding.UTF8.GetString(actual.WrittenSpan));
    }
}
