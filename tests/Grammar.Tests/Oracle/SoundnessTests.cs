using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Cluster.Grammar.Tests.Support;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>
/// A slice of the long soundness run: documents decoded with random logits over every case and many random schemas, judged by npm ajv.
/// The whole of it is the benchmark command <c>sample</c> with soundness/verify.mjs.
/// </summary>
public sealed class SoundnessTests
{
    private static readonly int Schemas = FullRun.Scale(250, 4000);
    private const int DocumentsEach = 20;

    /// <summary>Runs that do not end inside their budget: to become none.</summary>
    private static readonly int KnownBroken = FullRun.Scale(1, 20);
    private static readonly Vocabulary Tokens = OracleVocabulary.Full();
    private static readonly string Folder = Path.Combine(SharedData.RepositoryRoot, "tests", "Benchmarks", "soundness");

    [Fact]
    public void Documents_RandomLogits_ValidByAjv()
    {
        InstallOrSkip();
        string work = Directory.CreateTempSubdirectory("soundness").FullName;
        try
        {
            int written = Write(work);
            Assert.True(written > Schemas * DocumentsEach / 2, $"only {written} documents");
            var (code, output) = Run("node", ["verify.mjs", work], TimeSpan.FromMinutes(10));
            Assert.True(code == 0, output);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static int Write(string work)
    {
        using var schemas = new StreamWriter(Path.Combine(work, "schemas.jsonl"));
        using var documents = new StreamWriter(Path.Combine(work, "documents.jsonl"));
        var sources = CaseFile.All().Select(it => it.Schema).Concat(Enumerable.Range(0, Schemas).Select(seed => new RandomSchema(new Random(500_000 + seed)).Next()));
        int number = 0, written = 0;
        var broken = new List<string>();
        foreach (string schema in sources)
        {
            var order = (PropertyOrder)(number % 2);
            var options = new GrammarOptions { Order = order, Spelling = (Spelling)(number / 2 % 2), Whitespace = (Whitespace)(number % 4) };
            if (EngineWalk.Compile(schema, options).Grammar is not { } grammar) continue;
            schemas.WriteLine($"{{\"s\":{number},\"id\":\"{number}\",\"schema\":{JsonSerializer.Serialize(schema)}}}");
            var random = new Random(number);
            for (int i = 0; i < DocumentsEach; i++)
            {
                int budget = random.Next(50);
                string text;
                try
                {
                    text = EngineWalk.Sample(grammar, Tokens, random, budget).Text;
                }
                catch (Xunit.Sdk.TrueException error)
                {
                    broken.Add($"{options} budget {budget}: {schema}: {error.Message}");
                    continue;
                }
                documents.WriteLine($"{{\"s\":{number},\"d\":{JsonSerializer.Serialize(text)}}}");
                written++;
            }
            number++;
        }
        Assert.True(broken.Count <= KnownBroken, string.Join("\n", broken));
        return written;
    }

    private static void InstallOrSkip()
    {
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "ajv"))) return;
        try
        {
            var (code, output) = Run("npm", ["ci", "--no-audit", "--no-fund"], TimeSpan.FromMinutes(2));
            Assert.SkipUnless(code == 0, $"npm ci in {Folder} failed: {output}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("npm is not installed, so that there is no ajv to ask.");
        }
    }

    private static (int Code, string Output) Run(string program, string[] arguments, TimeSpan limit)
    {
        var info = new ProcessStartInfo(program) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments) info.ArgumentList.Add(argument);
        using var process = Process.Start(info)!;
        var output = new StringBuilder();
        process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        process.ErrorDataReceived += (_, line) => output.AppendLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(limit)) process.Kill();
        process.WaitForExit();
        return (process.ExitCode, output.ToString());
    }
}
