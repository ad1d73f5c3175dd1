using System.Text.Json;
using Cluster.Serving.Prompting;

namespace Cluster.Serving.Tests.Prompting;

public class SchemaShapeTests
{
    public static TheoryData<string, string, string> Goldens()
    {
        var data = new TheoryData<string, string, string>();
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "shape-goldens.json")));
        foreach (JsonElement pair in document.RootElement.EnumerateArray())
        {
            data.Add(pair.GetProperty("name").GetString()!, pair.GetProperty("schema").GetRawText(), pair.GetProperty("shape").GetString()!);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Render_Golden_IsTheTrainersText(string name, string schema, string shape)
    {
        Assert.NotEmpty(name);
        Assert.Equal(shape, SchemaShape.Render(schema));
    }

    [Fact]
    public void Render_ReferencesThatDouble_EndsWithinTheNodeBound()
    {
        string definitions = string.Join(",", Enumerable.Range(0, 40).Select(i =>
            $"\"d{i}\":{{\"anyOf\":[{{\"$ref\":\"#/$defs/d{i + 1}\"}},{{\"$ref\":\"#/$defs/d{i + 1}\"}}]}}"));
        string shape = SchemaShape.Render("{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + definitions + ",\"d40\":{\"type\":\"string\"}}}");
        Assert.Contains("any", shape, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("3")]
    [InlineData("null")]
    public void Render_NotASchema_IsAny(string text) => Assert.Equal("any", SchemaShape.Render(text));
}
