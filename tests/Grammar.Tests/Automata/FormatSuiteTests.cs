using System.Text.Json;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Tests.Support;

namespace Cluster.Grammar.Tests.Automata;

/// <summary>The formats against the optional/format files of the JSON Schema Test Suite.</summary>
public class FormatSuiteTests
{
    [Theory]
    [InlineData("date-time")]
    [InlineData("date")]
    [InlineData("duration")]
    [InlineData("ecmascript-regex")]
    [InlineData("email")]
    [InlineData("hostname")]
    [InlineData("idn-email")]
    [InlineData("idn-hostname")]
    [InlineData("ipv4")]
    [InlineData("ipv6")]
    [InlineData("iri-reference")]
    [InlineData("iri")]
    [InlineData("json-pointer")]
    [InlineData("regex")]
    [InlineData("relative-json-pointer")]
    [InlineData("time")]
    [InlineData("unknown")]
    [InlineData("uri-reference")]
    [InlineData("uri-template")]
    [InlineData("uri")]
    [InlineData("uuid")]
    public void Format_SuiteFile_AgreesOnEveryString(string file)
    {
        var path = SharedData.PathOrSkip("JSON-Schema-Test-Suite", "tests", "draft2020-12", "optional", "format", file + ".json");
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var wrong = new List<string>();
        foreach (var group in document.RootElement.EnumerateArray())
        {
            var format = group.GetProperty("schema").GetProperty("format").GetString()!;
            var language = StringLanguage.Format(format);
            if (language is null)
            {
                Assert.Contains(format, new[] { "unknown", "regex", "idn-hostname" });
                continue;
            }
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                if (test.GetProperty("data").ValueKind != JsonValueKind.String)
                {
                    continue;
                }
                var text = test.GetProperty("data").GetString()!;
                var dfa = language.ToDfa(Spelling.Any);
                var valid = test.GetProperty("valid").GetBoolean();
                if (valid && format == "hostname" && text.Contains("xn--", StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }
                if (language.Contains(text) != valid || DfaText.Accepts(dfa, DfaText.Body(text)) != valid)
                {
                    wrong.Add($"{(valid ? "refused valid" : "accepted invalid")} {JsonSerializer.Serialize(text)}: {test.GetProperty("description")}");
                }
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
