using System.CommandLine;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Cluster.Benchmarks.Fuzz;

/// <summary>
/// <c>http-fuzz</c>: mutated request bodies to a real server. Only 2xx and 4xx, a 4xx with all four keys, a stream that ends as streams end,
/// and a server that is still there.
/// </summary>
internal static class HttpFuzzCommand
{
    private static readonly TimeSpan SlowLimit = TimeSpan.FromSeconds(60);
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 10_000 };
    private static readonly string[] ErrorKeys = ["message", "type", "param", "code"];

    public static Command Create()
    {
        var minutes = new Option<double>("--minutes") { DefaultValueFactory = _ => 10 };
        var seed = new Option<int?>("--seed") { Description = "run this one case and print it" };
        var workers = new Option<int>("--workers") { DefaultValueFactory = _ => 4 };
        var host = new Option<string>("--host") { DefaultValueFactory = _ => "src/Cluster.Host/bin/Release/net10.0/Cluster.Host.dll" };
        var command = new Command("http-fuzz", "Mutated request bodies: never a 5xx, never an unhandled exception.") { minutes, seed, workers, host };
        command.SetAction(parsed => RunAsync(TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(seed), parsed.GetValue(workers), parsed.GetValue(host)!));
        return command;
    }

    private static async Task<int> RunAsync(TimeSpan time, int? only, int workers, string host)
    {
        using Process server = Process.Start(new ProcessStartInfo("dotnet", [host, "--urls", "http://127.0.0.1:0"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var faults = new List<string>();
        var ready = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Take(string? line)
        {
            if (line is null) return;
            int at = line.IndexOf(" on http://", StringComparison.Ordinal);
            if (line.StartsWith("Cluster is ready", StringComparison.Ordinal)) ready.TrySetResult(new Uri(line[(at + 4)..].Split(' ')[0]));
            if (line.Contains("in a way no endpoint expected", StringComparison.Ordinal) || line.Contains("Unhandled", StringComparison.Ordinal)) lock (faults) faults.Add(line);
        }
        server.OutputDataReceived += (_, line) => Take(line.Data);
        server.ErrorDataReceived += (_, line) => Take(line.Data);
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        try
        {
            using var client = new HttpClient { BaseAddress = await ready.Task.WaitAsync(TimeSpan.FromSeconds(60)), Timeout = SlowLimit };
            int next = only ?? 0, cases = 0, accepted = 0;
            long start = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, only is null ? workers : 1).Select(async _ =>
            {
                do
                {
                    int seed = Interlocked.Increment(ref next) - 1;
                    (bool isAccepted, string? fault) = await TryAsync(client, seed, only is not null);
                    Interlocked.Increment(ref cases);
                    if (isAccepted) Interlocked.Increment(ref accepted);
                    if (fault is null) continue;
                    lock (faults) faults.Add($"seed {seed}: {fault}");
                    Console.WriteLine($"seed {seed}: {fault}");
                }
                while (only is null && Stopwatch.GetElapsedTime(start) < time && !server.HasExited);
            }));
            if (server.HasExited) faults.Add("the server ended");
            foreach (string fault in faults.Take(20)) Console.WriteLine(fault);
            Console.WriteLine($"{cases} bodies, {accepted} accepted, {faults.Count} faults");
            return faults.Count == 0 ? 0 : 1;
        }
        finally
        {
            if (!server.HasExited) server.Kill();
        }
    }

    private static async Task<(bool IsAccepted, string? Fault)> TryAsync(HttpClient client, int seed, bool isShown)
    {
        (string path, byte[] body) = BodyMutator.Mutate(new Random(seed));
        if (isShown) Console.WriteLine($"{path} {Encoding.UTF8.GetString(body)}");
        try
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using HttpResponseMessage response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
            string text = await response.Content.ReadAsStringAsync();
            if (isShown) Console.WriteLine($"{(int)response.StatusCode} {text}");
            int status = (int)response.StatusCode;
            if (status is < 200 or >= 500 or (>= 300 and < 400)) return (false, $"{path}: {status} {Cut(text)}");
            if (status >= 400) return (false, HasErrorKeys(text) ? null : $"{path}: {status} without its keys: {Cut(text)}");
            bool isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
            if (!isStream) return (true, !IsJson(text) ? $"{path}: no JSON: {Cut(text)}" : path == "/v1/responses" ? await AskAgainAsync(client, text) : null);
            string last = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1];
            bool isWhole = path == "/v1/responses" ? last.StartsWith("event: response.completed", StringComparison.Ordinal) || last.StartsWith("event: response.incomplete", StringComparison.Ordinal) : last == "data: [DONE]";
            return (true, isWhole ? null : $"{path}: the stream ends with {Cut(last)}");
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or IOException)
        {
            return (false, $"{path}: {exception.GetType().Name}: {exception.Message}");
        }
    }

    /// <summary>What was answered can be asked for again.</summary>
    private static async Task<string?> AskAgainAsync(HttpClient client, string response)
    {
        using JsonDocument document = JsonDocument.Parse(response, Deep);
        if (!document.RootElement.GetProperty("store").GetBoolean()) return null;
        string path = $"/v1/responses/{document.RootElement.GetProperty("id").GetString()}";
        foreach (string one in new[] { path, $"{path}/input_items" })
        {
            using HttpResponseMessage again = await client.GetAsync(new Uri(one, UriKind.Relative));
            string text = await again.Content.ReadAsStringAsync();
            if (!again.IsSuccessStatusCode || !IsJson(text)) return $"{one}: {(int)again.StatusCode} {Cut(text)}";
        }
        return null;
    }

    private static bool HasErrorKeys(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.TryGetProperty("error", out JsonElement error) && ErrorKeys.All(key => error.TryGetProperty(key, out _));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Deep);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Cut(string text) => text.Length <= 300 ? text : text[..300];
}
