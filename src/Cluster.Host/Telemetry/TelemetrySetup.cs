using Cluster.Decoding;
using Cluster.OpenAI;
using Cluster.OpenAI.Access;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Cluster.Host.Telemetry;

/// <summary>Metrics on <c>/metrics</c>, and metrics and traces over OTLP where an endpoint is named.</summary>
public static class TelemetrySetup
{
    private static readonly string[] Sources = [RequestMetrics.SourceName, "Cluster.Serving"];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        TelemetryOptions options = HostSettings.Read<TelemetryOptions>(builder.Configuration, TelemetryOptions.Section);
        builder.Services.AddSingleton(HostSettings.Read<RequestBookOptions>(builder.Configuration, RequestBookOptions.Section));
        builder.Services.AddSingleton(HostSettings.Read<Serving.SchemaStatisticsOptions>(builder.Configuration, Serving.SchemaStatisticsOptions.Section));

        // Made now, so that nothing is measured before it listens.
        var store = new MetricStore(options);
        builder.Services.AddSingleton(_ => store);
        builder.Services.AddSingleton<ProcessMetrics>();
        if (options.OtlpEndpoint.Length > 0) builder.Services.AddHostedService(_ => new OtlpExport(options, Sources));
    }

    public static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<ProcessMetrics>();
        routes.ServiceProvider.GetRequiredService<ServingMetrics>();
        routes.MapGet("/metrics", (MetricStore store) => Results.Text(PrometheusText.Write(store.Collect()), PrometheusText.ContentType))
            .WithAccess(EndpointAccess.Monitoring);
    }
}

/// <summary>Sends metrics and spans over OTLP while the program runs.</summary>
internal sealed class OtlpExport(TelemetryOptions options, string[] sources) : IHostedService
{
    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var endpoint = new Uri(options.OtlpEndpoint);
        _metrics = Sdk.CreateMeterProviderBuilder().ConfigureResource(Name).AddMeter("Cluster.*").AddOtlpExporter((otlp, reader) =>
        {
            otlp.Endpoint = endpoint;
            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.OtlpInterval.TotalMilliseconds;
        }).Build();
        _traces = Sdk.CreateTracerProviderBuilder().ConfigureResource(Name).AddSource(sources).SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceShare)))
            .AddOtlpExporter(otlp => otlp.Endpoint = endpoint).Build();
        return Task.CompletedTask;
    }

    /// <summary>What the collector calls this process. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, as everywhere, win.</summary>
    private static void Name(ResourceBuilder resource) => resource.Clear()
        .AddService("cluster", serviceVersion: ServingMetrics.VersionText, serviceInstanceId: Environment.GetEnvironmentVariable("POD_NAME") ?? Environment.MachineName)
        .AddTelemetrySdk().AddEnvironmentVariableDetector();

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _traces?.Dispose();
        _metrics?.Dispose();
        return Task.CompletedTask;
    }
}
