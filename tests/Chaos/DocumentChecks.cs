using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Cluster.Grammar.Validation;

namespace Cluster.Chaos;

/// <summary>Every finished document against its schema: with this project's second reader, and with ajv where its npm packages are installed.</summary>
public sealed class DocumentChecks(string folder)
{
    public async Task CheckAsync(IEnumerable<HttpStream> streams)
    {
        var validators = ChatBodies.Schemas.Select(schema =>
            SchemaValidator.TryCreate(Encoding.UTF8.GetBytes(schema), new ValidatorOptions(), out var validator, out var error) ? validator! : throw new InvalidOperationException(error!.Message)).ToList();
        string documents = Path.Combine(folder, "documents.jsonl");
        int count = 0;
        await using (var file = new StreamWriter(documents))
        {
            foreach (HttpStream stream in streams.Where(stream => stream.IsComplete && stream.Schema is not null))
            {
                foreach (string text in stream.Texts)
                {
                    count++;
                    if (validators[stream.Schema!.Value].Validate(Encoding.UTF8.GetBytes(text)).Outcome != ValidationOutcome.Valid) stream.Invalid++;
                    await file.WriteLineAsync(JsonSerializer.Serialize(new { schema = stream.Schema, text }));
                }
            }
        }
        await File.WriteAllTextAsync(Path.Combine(folder, "schemas.json"), $"[{string.Join(',', ChatBodies.Schemas)}]");
        Console.WriteLine($"{count} documents read a second time");
        await RunAjvAsync(documents);
    }

    private async Task RunAjvAsync(string documents)
    {
        string? script = Find("tests/Chaos/ajv.mjs");
        if (script is null || !Directory.Exists(Path.Combine(Path.GetDirectoryName(script)!, "../Clients/node_modules/ajv")))
        {
            Console.WriteLine("ajv: skipped, its npm packages are not installed (npm ci in tests/Clients)");
            return;
        }
        using var node = Process.Start(new ProcessStartInfo("node", [script, Path.Combine(folder, "schemas.json"), documents]) { RedirectStandardOutput = true })!;
        string output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        Console.WriteLine($"ajv: {output.Trim()}");
    }

    private static string? Find(string file)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, file))) return Path.Combine(at.FullName, file);
        }
        return null;
    }
}
