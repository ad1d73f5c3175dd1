using Cluster.Dashboard;
using Cluster.OpenAI;

namespace Cluster.Host.Http;

/// <summary>Kestrel and what every request passes.</summary>
public static class Door
{
    public static void AddDoor(this WebApplicationBuilder builder)
    {
        OpenAIOptions options = HostSettings.Read<OpenAIOptions>(builder.Configuration, OpenAIOptions.Section);
        ShutdownOptions shutdown = HostSettings.Read<ShutdownOptions>(builder.Configuration, ShutdownOptions.Section);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.BodyBytesMax;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(Microsoft.Extensions.Options.Options.Create(options));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddMetrics();
        builder.Services.AddSingleton(services => new ShutdownSignal(
            services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping, shutdown.Grace, services.GetRequiredService<TimeProvider>()).Arm());

        // The grace of open requests, and a moment for their last event.
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = shutdown.Grace + TimeSpan.FromSeconds(1.5));
        builder.Services.AddOpenAIEndpoints();
        builder.Services.AddDashboard();
    }
}
