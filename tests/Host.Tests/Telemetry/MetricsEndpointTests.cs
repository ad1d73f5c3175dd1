using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Cluster.Decoding;
using Cluster.Serving.Resuming;
using Cluster.Testing;

namespace Cluster.Host.Tests.Telemetry;

/// <summary><c>/metrics</c> of a server that has answered, refused and failed.</summary>
public class MetricsEndpointTests(HostProcess host) : IClassFixture<HostProcess>
{
    private async Task<string> MetricsAsync() => await host.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

    private static double Value(string metrics, string name, params string[] labels) => metrics.Split('\n')
        .Where(line => (line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal)) && labels.All(label => line.Contains(label, StringComparison.Ordinal)))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    private async Task<HttpStatusCode> PostAsync(object body) => (await host.Client.PostAsJsonAsync("/v1/chat/completions", body)).StatusCode;

    [Fact]
    public async Task Metrics_AfterRequests_CountWhatHappened()
    {
        string before = await MetricsAsync();
        for (int i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.OK, await PostAsync(Requests.Chat(Requests.JaneDoe).WithSchema(Requests.PersonSchema)));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(Requests.Chat("x").WithSchema("""{"type":"object","unevaluatedItems":{"$dynamicRef":"#x"}}""")));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(Requests.Chat("x").With("model", "none")));
        string after = await MetricsAsync();

        double Change(string name, params string[] labels) => Value(after, name, labels) - Value(before, name, labels);
        Assert.Equal(2, Change("vllm:request_success_total", "finished_reason=\"stop\"", $"model_name=\"{Requests.Model}\""));
        Assert.Equal(2, Change("vllm:e2e_request_latency_seconds_count"));
        Assert.Equal(2, Change("vllm:time_to_first_token_seconds_count"));
        Assert.Equal(2, Change("vllm:request_queue_time_seconds_count"));
        Assert.Equal(2, Change("vllm:request_prefill_time_seconds_count"));
        foreach (string each in new[] { "request_decode_time_seconds", "request_inference_time_seconds", "request_time_per_output_token_seconds", "request_max_num_generation_tokens", "request_params_n", "request_params_max_tokens" })
            Assert.Equal(2, Change($"vllm:{each}_count"));
        Assert.Equal(Change("vllm:request_inference_time_seconds_sum"), Change("vllm:request_prefill_time_seconds_sum") + Change("vllm:request_decode_time_seconds_sum"), precision: 6);
        Assert.Equal(Change("vllm:request_generation_tokens_sum"), Change("vllm:request_max_num_generation_tokens_sum"));
        Assert.Equal(2, Change("vllm:request_params_n_sum"));
        Assert.True(Change("vllm:iteration_tokens_total_sum") >= Change("vllm:prompt_tokens_total") - Change("vllm:prefix_cache_hits_total"));
        Assert.Equal(Change("cluster_engine_step_duration_seconds_count"), Change("vllm:iteration_tokens_total_count"));
        Assert.Equal(Change("vllm:generation_tokens_total"), Change("vllm:request_generation_tokens_sum"));
        Assert.Equal(Change("vllm:prompt_tokens_total"), Change("vllm:prefix_cache_queries_total"));
        Assert.True(Change("vllm:prefix_cache_hits_total") > 0, "the second prompt is the first one's");
        Assert.Equal(2, Change("cluster_requests_total", "status=\"200\""));
        Assert.Equal(1, Change("cluster_requests_failed_total", "code=\"model_not_found\""));
        Assert.Equal(2, Change("cluster_documents_checked_total"));
        Assert.Equal(0, Value(after, "cluster_documents_invalid_total"));
        Assert.Contains("cluster_documents_invalid_total 0", after, StringComparison.Ordinal);
        foreach (string invariant in (string[])[.. EngineInvariants.Names, .. StreamInvariants.Names]) Assert.Matches($"cluster_invariant_breaches_total\\{{[^}}]*invariant=\"{invariant}\"\\}} 0\n", after);
        Assert.Equal(2, Change("cluster_schema_sequences_total"));
        Assert.True(Change("cluster_schema_masks_total") > 0);
        Assert.True(Change("cluster_schema_mask_seconds_total") > 0);
        Assert.True(Change("cluster_schema_forced_tokens_total") > 0);
        Assert.True(Change("cluster_schemas_refused_total") >= 1);
        Assert.Equal(1, Value(after, "cluster_replicas_ready"));
        Assert.Equal(16, Value(after, "cluster_limit", "limit=\"models[].slots\""));
        Assert.DoesNotContain("Jane", after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_Exposition_PassesPromtool()
    {
        string? promtool = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "promtool")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(promtool is null, "promtool is missing (apt-get install prometheus)");
        Assert.Equal(HttpStatusCode.OK, await PostAsync(Requests.Chat(Requests.JaneDoe).WithSchema(Requests.PersonSchema)));
        using Process process = Process.Start(new ProcessStartInfo(promtool!, ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.StandardInput.WriteAsync(await MetricsAsync());
        process.StandardInput.Close();
        string[] complaints = (await process.StandardError.ReadToEndAsync() + await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        // vLLM's names have a colon, which is the rule of recording rules, and one of its histograms ends with _total; nothing else may be wrong.
        Assert.NotEmpty(complaints);
        Assert.All(complaints, complaint => Assert.Matches("^(vllm:[a-z0-9_]+ metric names should not contain ':'|vllm:iteration_tokens_total non-counter metrics should not have \"_total\" suffix)$", complaint));
    }

    [Fact]
    public async Task Log_AsJson_HasEachValueByItsName()
    {
        await using var collected = new HostProcess();
        await collected.StartAsync(new Dictionary<string, string> { ["Telemetry__LogFormat"] = "Json" });
        using HttpResponseMessage answer = await collected.Client.PostAsJsonAsync("/v1/chat/completions", Requests.Chat("Extract: 'Erika Mustermann lives in Bonn.'").WithSchema(Requests.PersonSchema));
        string id = answer.Headers.GetValues("x-request-id").Single()["req_".Length..];
        string? line = null;
        await Eventually.HoldsAsync(() => (line = collected.Output.Split('\n').FirstOrDefault(one => one.Contains(id, StringComparison.Ordinal))) is not null, withinMs: 60_000);
        using JsonDocument entry = JsonDocument.Parse(line!);
        JsonElement state = entry.RootElement.GetProperty("State");
        Assert.Equal((id, "200", "ok", "Information"), (state.GetProperty("RequestId").GetString(), $"{state.GetProperty("Status")}", state.GetProperty("End").GetString(), entry.RootElement.GetProperty("LogLevel").GetString()));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", entry.RootElement.GetProperty("Timestamp").GetString());
        Assert.DoesNotContain("Mustermann", collected.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_OneLinePerRequest_WithoutContent()
    {
        int LinesOf() => host.Output.Split('\n').Count(line => line.Contains("POST /v1/chat/completions", StringComparison.Ordinal));
        int before = LinesOf();
        await PostAsync(Requests.Chat("Extract: 'Erika Mustermann lives in Bonn.'").WithSchema(Requests.PersonSchema));
        for (int i = 0; i < 50 && LinesOf() == before; i++) await Task.Delay(20);
        Assert.Equal(before + 1, LinesOf());
        Assert.DoesNotContain("Mustermann", host.Output, StringComparison.Ordinal);
    }
}
