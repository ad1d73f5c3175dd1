using System.Diagnostics;
using System.Text.Json;
using Cluster.Benchmarks.Models;

namespace Cluster.Benchmarks.Serve;

/// <summary>A batch of requests for either side.</summary>
/// <param name="Model">Where its model lies.</param>
/// <param name="Prompts">Token ids of each request.</param>
/// <param name="TokensMax">Most tokens of each output.</param>
/// <param name="IsSampled">False is greedy; true is temperature 1 among the 40 likeliest.</param>
/// <param name="Schema">The outputs are its documents; null for free text.</param>
internal sealed record ServeJob(string Model, int Concurrency, IReadOnlyList<int[]> Prompts, int TokensMax, bool IsSampled, BenchmarkSchema? Schema)
{
    public const int ContextLength = 512;
    public const int TopK = 40;
}

/// <param name="Tokens">Of all outputs together.</param>
internal sealed record ServeResult(int Tokens, double Seconds, IReadOnlyList<string>? Texts)
{
    public double PerSecond => Tokens / Seconds;
}

/// <summary>llama.cpp in a Node.js process beside this one, through npm node-llama-cpp with its prebuilt binaries.</summary>
internal sealed class LlamaProcess : IDisposable
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    private readonly Process _process;
    private readonly int _threads;

    /// <param name="folder">Holds run.mjs and its node_modules.</param>
    public LlamaProcess(string folder, int threads)
    {
        _threads = threads;
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            throw new InvalidOperationException($"npm packages are missing: run `npm install` in {folder}");
        }
        var start = new ProcessStartInfo("node", "run.mjs") { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        _process = Process.Start(start)!;
    }

    public ServeResult Run(ServeJob job, bool wantsTexts = false)
    {
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(new
        {
            gguf = Path.GetFullPath(job.Model), threads = _threads, job.Concurrency, contextSize = ServeJob.ContextLength, job.Prompts, job.TokensMax,
            temperature = job.IsSampled ? 1 : 0, topK = job.IsSampled ? ServeJob.TopK : 0, grammar = job.Schema?.Gbnf, wantsTexts,
        }, Web));
        _process.StandardInput.Flush();
        string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("llama.cpp's process has ended");
        using JsonDocument answer = JsonDocument.Parse(line);
        if (answer.RootElement.TryGetProperty("error", out JsonElement error)) throw new InvalidOperationException($"llama.cpp: {error.GetString()}");
        return answer.Deserialize<ServeResult>(Web)!;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000)) _process.Kill();
        _process.Dispose();
    }
}
