using System.Diagnostics;
using System.Text.Json;

namespace Cluster.Tokenization.Tests;

/// <summary>
/// Runs the reference implementations under goldens/. Skips the running test, with its reason, where Node.js or the packages are missing.
/// </summary>
internal static class NodeReference
{
    private static readonly string Folder = Path.Combine(Repository.Root ?? "", "tests", "Tokenization.Tests", "goldens");

    public static JsonElement Run(string script, params ReadOnlySpan<object> arguments)
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules"))) Assert.Skip("npm packages are missing: run `npm ci` in tests/Tokenization.Tests/goldens");
        string folder = Directory.CreateTempSubdirectory("goldens-").FullName;
        try
        {
            var start = new ProcessStartInfo("node") { WorkingDirectory = Folder, RedirectStandardError = true };
            start.ArgumentList.Add(script);
            for (int i = 0; i < arguments.Length; i++)
            {
                string file = arguments[i] as string ?? Path.Combine(folder, $"argument{i}.json");
                if (arguments[i] is not string) File.WriteAllText(file, JsonSerializer.Serialize(arguments[i]));
                start.ArgumentList.Add(file);
            }
            string answers = Path.Combine(folder, "answers.json");
            start.ArgumentList.Add(answers);
            using Process process = StartNode(start);
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors);
            return JsonElement.Parse(File.ReadAllBytes(answers));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process StartNode(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("Node.js is missing: `node` is not on the path");
            throw;
        }
    }
}
