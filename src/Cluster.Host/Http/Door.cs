using System.Net;
using System.Security.Authentication;
using Cluster.Dashboard;
using Cluster.Host.Configuration;
using Cluster.OpenAI;
using Cluster.OpenAI.Access;
using Cluster.Serving.Admission;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Cluster.Host.Http;

/// <summary>Kestrel, TLS, keys: what every request passes.</summary>
public static class Door
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    /// <returns>A key that was made for this run and must be shown, or null.</returns>
    public static string? AddDoor(this WebApplicationBuilder builder)
    {
        OpenAIOptions options = HostSettings.Read<OpenAIOptions>(builder.Configuration, OpenAIOptions.Section);
        ShutdownOptions shutdown = HostSettings.Read<ShutdownOptions>(builder.Configuration, ShutdownOptions.Section);
        DoorOptions door = HostSettings.Read<DoorOptions>(builder.Configuration, DoorOptions.Section);
        bool isOpen = builder.Configuration.GetValue<bool>($"{ClusterHostOptions.Section}:{nameof(ClusterHostOptions.AllowAnonymous)}");
        string? developmentKey = builder.AddKeys(isOpen, out bool hasKeys);
        string[] urls = BindUrls(builder.Configuration["urls"], hasKeys, isOpen, door);
        ListenCheck.ThrowIfTaken(urls);
        builder.AddKestrel(urls, options, door);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(new LiveOptions<OpenAIOptions>(options));
        builder.Services.AddSingleton<Microsoft.Extensions.Options.IOptions<OpenAIOptions>>(services => services.GetRequiredService<LiveOptions<OpenAIOptions>>());
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddMetrics();
        builder.Services.AddSingleton(services => new ShutdownSignal(
            services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping, shutdown.Grace, services.GetRequiredService<TimeProvider>()).Arm());

        // The grace of open requests, and a moment for their last event.
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = shutdown.Grace + TimeSpan.FromSeconds(1.5));
        builder.Services.AddSingleton(HostSettings.Read<FairQueueOptions>(builder.Configuration, FairQueueOptions.Section));
        builder.Services.AddSingleton<FairAdmission>();
        builder.Services.AddOpenAIEndpoints();
        builder.Services.AddDashboard();
        builder.Services.AddSingleton<ISettingsView, SettingsView>();
        return developmentKey;
    }

    private static string? AddKeys(this WebApplicationBuilder builder, bool isOpen, out bool hasKeys)
    {
        AccessOptions access = HostSettings.Read<AccessOptions>(builder.Configuration, AccessOptions.Section);
        ApiKeyRing ring = KeysFile.Open(access);
        hasKeys = !ring.IsEmpty;
        string? developmentKey = null;
        if (!hasKeys && access.DevelopmentKey)
        {
            developmentKey = ApiKey.Create();
            ring.Replace([new ApiKeyConfig { Id = "development", Hash = ApiKey.HashOf(developmentKey), IsAdmin = true }], access.KeysMax);
        }
        builder.Services.AddSingleton(access);
        builder.Services.AddSingleton(ring);
        builder.Services.AddSingleton(new AnonymousPolicy(isOpen));
        builder.Services.AddSingleton(new AllowedOrigins(access.AllowedOrigins));
        builder.Services.AddHostedService<KeysFile>();
        return developmentKey;
    }

    private static void AddKestrel(this WebApplicationBuilder builder, string[] urls, OpenAIOptions options, DoorOptions door)
    {
        builder.Services.AddSingleton(door);
        builder.Services.AddSingleton(new InternalPort(door.InternalPort == 0 ? null : door.InternalPort));
        bool hasTls = urls.Any(url => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase));
        if (hasTls)
        {
            builder.Services.AddSingleton<ServerCertificate>();
            builder.Services.AddHostedService(services => services.GetRequiredService<ServerCertificate>());
            builder.WebHost.UseKestrelHttpsConfiguration();
        }
        builder.WebHost.UseUrls(urls).UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            KestrelServerLimits limits = kestrel.Limits;
            limits.MaxRequestBodySize = options.BodyBytesMax;
            limits.MaxConcurrentConnections = door.ConnectionsMax;
            limits.MaxRequestHeadersTotalSize = door.HeaderBytesMax;
            limits.MaxRequestHeaderCount = door.HeadersMax;
            limits.RequestHeadersTimeout = door.HeadersTimeMax;
            limits.KeepAliveTimeout = door.IdleTimeMax;
            limits.MinRequestBodyDataRate = new MinDataRate(door.BodyBytesPerSecondMin, door.RateGrace);
            limits.MinResponseDataRate = new MinDataRate(door.ResponseBytesPerSecondMin, door.RateGrace);
            limits.MaxResponseBufferSize = door.ResponseBufferBytesMax;
            limits.Http2.MaxStreamsPerConnection = door.StreamsPerConnectionMax;
            if (!hasTls) return;
            ServerCertificate certificate = kestrel.ApplicationServices.GetRequiredService<ServerCertificate>();
            kestrel.ConfigureHttpsDefaults(https =>
            {
                https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                https.ServerCertificateSelector = (_, _) => certificate.Current;
            });
        });
    }

    /// <summary>Where to listen: <c>--urls</c>, several separated by semicolons. Other machines are served only with keys and TLS, or where that is said to be somebody else's job.</summary>
    /// <exception cref="ConfigurationException">An address is malformed, or may not be taken like this.</exception>
    internal static string[] BindUrls(string? configured, bool hasKeys, bool isOpen, DoorOptions door)
    {
        string[] urls = (configured ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
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
            if (address.Port is < 0 or > 65_535 || (address.PathBase.Length > 0 && !address.IsUnixPipe && !address.IsNamedPipe))
            {
                throw new ConfigurationException($"--urls: '{url}' is not an address such as {DefaultUrl}.");
            }
            bool hasTls = string.Equals(address.Scheme, "https", StringComparison.OrdinalIgnoreCase);
            if (hasTls && (door.CertificateFile.Length == 0 || door.CertificateKeyFile.Length == 0))
            {
                throw new ConfigurationException($"--urls: '{url}' needs a certificate: set Door:CertificateFile and Door:CertificateKeyFile (PEM) (environment: Door__CertificateFile, Door__CertificateKeyFile).");
            }
            bool isLoopback = address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip));
            if (isLoopback || isOpen || (door.InternalPort != 0 && address.Port == door.InternalPort && hasKeys)) continue;
            if (!hasKeys)
            {
                throw new ConfigurationException(
                    $"--urls: '{url}' can be reached from other machines, and there are no keys. Bind 127.0.0.1, configure Access:Keys or Access:KeysFile (make one: dotnet Cluster.Host.dll keys new NAME), or, behind an authenticating proxy, set Cluster:AllowAnonymous=true (environment: Cluster__AllowAnonymous).");
            }
            if (!hasTls && !door.AllowPlainHttp)
            {
                throw new ConfigurationException(
                    $"--urls: '{url}' would carry keys and prompts in the clear. Use https with Door:CertificateFile and Door:CertificateKeyFile, or, where something before this server ends TLS, set Door:AllowPlainHttp=true (environment: Door__AllowPlainHttp).");
            }
        }
        return urls;
    }
}
