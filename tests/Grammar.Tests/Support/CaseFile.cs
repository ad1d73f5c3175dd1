using System.Text.Json;

namespace Cluster.Grammar.Tests.Support;

/// <param name="Name">File and description.</param>
/// <param name="Schema">The schema's text.</param>
/// <param name="Valid">Documents of the language, spelled as in the file.</param>
/// <param name="Invalid">Documents that do not validate.</param>
/// <param name="Malformed">Texts that are no documents at all.</param>
/// <param name="Refused">The keyword that the engine may refuse the schema for; empty if it must not.</param>
public sealed record SchemaCase(string Name, string Schema, string[] Valid, string[] Invalid, string[] Malformed, string Refused)
{
    public override string ToString() => Name;
}

/// <summary>One case file, every engine: the cases that validator, automaton and masks must agree on.</summary>
internal static class CaseFile
{
    public static IEnumerable<SchemaCase> All()
    {
        string folder = Path.Combine(SharedData.RepositoryRoot, "tests", "Grammar.Tests", "cases");
        foreach (string path in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            using var file = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (var it in file.RootElement.EnumerateArray())
            {
                yield return new SchemaCase(
                    $"{Path.GetFileNameWithoutExtension(path)}: {it.GetProperty("about").GetString()}",
                    it.GetProperty("schema").GetRawText(),
                    Texts(it, "valid"),
                    Texts(it, "invalid"),
                    it.TryGetProperty("malformed", out var malformed) ? [.. malformed.EnumerateArray().Select(text => text.GetString()!)] : [],
                    it.TryGetProperty("refused", out var refused) ? refused.GetString()! : "");
            }
        }
    }

    public static TheoryData<SchemaCase> Theory() => [.. All()];

    private static string[] Texts(JsonElement it, string name)
        => it.TryGetProperty(name, out var texts) ? [.. texts.EnumerateArray().Select(text => text.GetRawText())] : [];
}
