using System.Collections.Concurrent;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster.Host.Tests.Telemetry;

public class OtlpTests
{
    [Fact]
    public async Task Server_WithOtlpEndpoint_SendsMetricsAndOneTracePerRequest()
    {
        var received = new ConcurrentDictionary<string, ConcurrentQueue<byte[]>>();
        await using WebApplication collector = Collector(received);
        await collector.StartAsync();
        await using var host = new HostProcess();
        await host.StartAsync(new Dictionary<string, string>
        {
            ["Telemetry__OtlpEndpoint"] = collector.Urls.Single(), ["Telemetry__TraceShare"] = "1", ["Telemetry__OtlpInterval"] = "00:00:01",
            ["POD_NAME"] = "pod-of-this-test", ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment=trial",
        });
        var answer = await host.Client.PostAsJsonAsync("/v1/chat/completions", Requests.Chat(Requests.JaneDoe).WithSchema(Requests.PersonSchema));
        answer.EnsureSuccessStatusCode();
        string spans = await ContentAsync("/opentelemetry.proto.collector.trace.v1.TraceService/Export", "prefill");
        foreach (string span in new[] { "POST /v1", "sequence", "queue", "prefill", "step", "cluster.masks", "cluster.attempt" }) Assert.Contains(span, spans, StringComparison.Ordinal);
        Assert.DoesNotContain("Jane", spans, StringComparison.Ordinal);
        foreach (string named in new[] { "service.name", "cluster", "service.instance.id", "pod-of-this-test", "deployment.environment", "trial" }) Assert.Contains(named, spans, StringComparison.Ordinal);
        Assert.DoesNotContain("unknown_service", spans, StringComparison.Ordinal);
        Assert.Contains("cluster.request.duration", await ContentAsync("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "cluster.request.duration"), StringComparison.Ordinal);

        async Task<string> ContentAsync(string path, string awaited)
        {
            for (int i = 0; ; i++)
            {
                string text = string.Concat(received.GetValueOrDefault(path)?.Select(System.Text.Encoding.Latin1.GetString) ?? []);
                if (text.Contains(awaited, StringComparison.Ordinal) || i == 150) return text;
                await Task.Delay(100);
            }
        }
    }

    /// <summary>Takes what comes over gRPC and answers that all is well.</summary>
    private static WebApplication Collector(ConcurrentDictionary<string, ConcurrentQueue<byte[]>> received)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        WebApplication app = builder.Build();
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            received.GetOrAdd(http.Request.Path.Value!, _ => new()).Enqueue(body.ToArray());
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.WriteAsync(new byte[5]);
            http.Response.AppendTrailer("grpc-status", "0");
        });
        return app;
    }
}
