using System.Text;
using System.Text.Json;

namespace Cluster.Testing;

/// <param name="File">File name without extension.</param>
/// <param name="Group">Description of the group of tests that share a schema.</param>
/// <param name="Schema">The schema's text.</param>
/// <param name="Tests">Instances and verdicts.</param>
public sealed record SuiteGroup(string File, string Group, string Schema, IReadOnlyList<SuiteTest> Tests);

public sealed record SuiteTest(string Description, string Document, bool IsValid);

/// <summary>Reads JSON-Schema-Test-Suite as it is published.</summary>
public static class SchemaSuite
{
    public static IEnumerable<SuiteGroup> Read(string folder)
    {
        foreach (string path in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            using var file = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (var group in file.RootElement.EnumerateArray())
            {
                yield return new SuiteGroup(
                    Path.GetFileNameWithoutExtension(path),
                    group.GetProperty("description").GetString()!,
                    group.GetProperty("schema").GetRawText(),
                    [.. group.GetProperty("tests").EnumerateArray().Select(test => new SuiteTest(
                        test.GetProperty("description").GetString()!,
                        test.GetProperty("data").GetRawText(),
                        test.GetProperty("valid").GetBoolean()))]);
            }
        }
    }

    /// <summary>The suite's remote documents under the addresses that its schemas use.</summary>
    public static IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Remotes(string suite)
    {
        string folder = Path.Combine(suite, "remotes");
        return Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories).ToDictionary(
            path => "http://localhost:1234/" + Path.GetRelativePath(folder, path).Replace('\\', '/'),
            path => (ReadOnlyMemory<byte>)File.ReadAllBytes(path));
    }

    /// <summary>Schemas that name no dialect are meant in the one of their folder, <c>draft7</c> for example.</summary>
    public static string WithDialect(string schema, string draft)
    {
        if (!schema.StartsWith('{') || schema.Contains("\"$schema\"", StringComparison.Ordinal)) return schema;
        string address = draft == "draft7" ? "http://json-schema.org/draft-07/schema#" : $"https://json-schema.org/{draft.Replace("draft", "draft/", StringComparison.Ordinal)}/schema";
        string rest = schema[1..].TrimStart();
        return $$"""{"$schema":"{{address}}"{{(rest == "}" ? "" : ",")}}{{rest}}""";
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
