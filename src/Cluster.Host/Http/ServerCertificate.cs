using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Serving;

namespace Cluster.Host.Http;

/// <summary>The certificate in force, read from PEM files and again when they change. A broken new one is reported and the old one stays.</summary>
public sealed partial class ServerCertificate : IHostedService, IDisposable
{
    private readonly DoorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ServerCertificate> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private X509Certificate2 _current;
    private (FileStamp, FileStamp) _stamp;

    /// <exception cref="ConfigurationException">The files are missing or do not fit together.</exception>
    public ServerCertificate(DoorOptions options, TimeProvider time, ILogger<ServerCertificate> logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        try
        {
            _stamp = StampOf();
            _current = Load();
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"Door:CertificateFile '{options.CertificateFile}' with Door:CertificateKeyFile '{options.CertificateKeyFile}': {exception.Message}");
        }
    }

    public X509Certificate2 Current => Volatile.Read(ref _current);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = WatchAsync();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await _stopping.CancelAsync();

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(_options.CertificateReloadInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token)) Refresh();
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private void Refresh()
    {
        try
        {
            (FileStamp, FileStamp) stamp = StampOf();
            if (stamp == _stamp) return;

            // Connections in their handshake may still hold the old one: it is left to the collector.
            Volatile.Write(ref _current, Load());
            _stamp = stamp;
            LogReloaded(_logger, _current.NotAfter);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            LogBroken(_logger, exception.Message);
        }
    }

    private (FileStamp, FileStamp) StampOf() => (FileStamp.Of(_options.CertificateFile), FileStamp.Of(_options.CertificateKeyFile));

    private X509Certificate2 Load() => X509Certificate2.CreateFromPemFile(_options.CertificateFile, _options.CertificateKeyFile);

    public void Dispose()
    {
        _stopping.Dispose();
        _current.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The certificate was renewed; it is valid until {Until:u}.")]
    private static partial void LogReloaded(ILogger logger, DateTime until);

    [LoggerMessage(Level = LogLevel.Error, Message = "The renewed certificate cannot be used, the old one stays: {Reason}")]
    private static partial void LogBroken(ILogger logger, string reason);
}
