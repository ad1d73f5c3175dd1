using System.Text.Json;
using Cluster.Benchmarks.Suite;
using Cluster.Grammar.Tests.Oracle;
using Cluster.Testing;

namespace Cluster.Benchmarks.Sample;

/// <param name="Id">Where it is from.</param>
/// <param name="Text">The schema.</param>
internal sealed record SourceSchema(string Id, string Text);

/// <summary>Schemas by the thousand: case files, the published suite, and random ones.</summary>
internal static class SchemaSource
{
    public static IEnumerable<SourceSchema> Cases(string path)
    {
        foreach (string line in File.ReadLines(path))
        {
            using var it = JsonDocument.Parse(line);
            yield return new SourceSchema(it.RootElement.GetProperty("id").GetString()!, it.RootElement.GetProperty("schema").GetRawText());
        }
    }

    /// <summary>Schemas of the suite that need no other document.</summary>
    public static IEnumerable<SourceSchema> Suite(string directory)
    {
        foreach (string draft in (string[])["draft7", "draft2019-09", "draft2020-12"])
        {
            foreach (string part in (string[])["", "optional", "optional/format"])
            {
                int number = 0;
                foreach (var group in SchemaSuite.Read(Path.Combine(directory, "tests", draft, part)))
                {
                    if (group.Schema.Contains("http://localhost:1234", StringComparison.Ordinal)) continue;
                    yield return new SourceSchema($"{draft}/{part}/{group.File}#{number++}", SchemaSuite.WithDialect(group.Schema, draft));
                }
            }
        }
    }

    public static IEnumerable<SourceSchema> Random(int count, int seed)
    {
        for (int i = 0; i < count; i++)
        {
            yield return new SourceSchema($"random/{seed + i}", new RandomSchema(new Random(seed + i)).Next());
        }
    }
}
