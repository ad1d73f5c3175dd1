using System.Net;
using Cluster.Dashboard;
using Cluster.OpenAI;

namespace Cluster.Host.Http;

/// <summary>Kestrel and what every request passes.</summary>
public static class Door
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    public static void AddDoor(this WebApplicationBuilder builder)
    {
        OpenAIOptions options = HostSettings.Read<OpenAIOptions>(builder.Configuration, OpenAIOptions.Section);
        ShutdownOptions shutdown = HostSettings.Read<ShutdownOptions>(builder.Configuration, ShutdownOptions.Section);
        builder.WebHost.UseUrls(BindUrls(builder.Configuration)).UseKestrelCore().ConfigureKestrel(kestrel =>
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

    /// <summary>Where to listen: <c>--urls</c>, several separated by semicolons. Without keys, only on this machine.</summary>
    /// <exception cref="ConfigurationException">An address is malformed, or not loopback and not explicitly allowed.</exception>
    internal static string[] BindUrls(IConfiguration configuration)
    {
        string[] urls = (configuration["urls"] ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        bool isOpen = configuration.GetValue<bool>($"{ClusterHostOptions.Section}:{nameof(ClusterHostOptions.AllowAnonymous)}");
        foreach (string url in urls)
        {
            BindingAddress address;
            try
            {
                address = BindingAddress.Parse(url);
            }
            catch (FormatException)
            {
                throw new ConfigurationException($"--urls: '{url}' is not an address such as {DefaultUrl}.");
            }
            bool isLoopback = address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip));
            if (!isLoopback && !isOpen)
            {
                throw new ConfigurationException(
                    $"--urls: '{url}' can be reached from other machines, and this server asks for no keys. Bind 127.0.0.1, put an authenticating proxy before it, or set Cluster:AllowAnonymous=true (environment: Cluster__AllowAnonymous).");
            }
        }
        return urls;
    }
}
