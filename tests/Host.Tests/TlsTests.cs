using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Host.Tests;

/// <summary>HTTPS: protocol versions, and a certificate that is renewed while the server runs.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-tls-").FullName;

    private Dictionary<string, string> Settings => new()
    {
        ["Door__CertificateFile"] = Path.Combine(_folder, "tls.crt"),
        ["Door__CertificateKeyFile"] = Path.Combine(_folder, "tls.key"),
        ["Door__CertificateReloadInterval"] = "00:00:00.2",
    };

    [Fact]
    public async Task Https_ServesOldAndNewCertificates_AndNothingBelowTls12()
    {
        WriteCertificate("CN=first");
        await using var host = new HostProcess();
        await host.StartAsync(Settings, "https://127.0.0.1:0");
        Assert.Equal("CN=first", await SubjectAsync(host, SslProtocols.Tls13));
        Assert.Equal("CN=first", await SubjectAsync(host, SslProtocols.Tls12));
#pragma warning disable SYSLIB0039, CA5397 // what must be refused has to be named
        await Assert.ThrowsAnyAsync<Exception>(() => SubjectAsync(host, SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397

        File.WriteAllText(Path.Combine(_folder, "tls.crt"), "broken");
        await Task.Delay(600);
        Assert.Equal("CN=first", await SubjectAsync(host, SslProtocols.Tls13));

        WriteCertificate("CN=second");
        string subject = "";
        for (int attempt = 0; attempt < 50 && subject != "CN=second"; attempt++)
        {
            await Task.Delay(100);
            subject = await SubjectAsync(host, SslProtocols.Tls13);
        }
        Assert.Equal("CN=second", subject);

        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(host.Address) };
        HttpResponseMessage models = await client.GetAsync(new Uri("/v1/models", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, models.StatusCode);
        Assert.True(models.Headers.Contains("strict-transport-security"));
    }

    [Theory]
    [InlineData("https://127.0.0.1:0", "Door:CertificateFile")]
    [InlineData("http://0.0.0.0:0", "Access:KeysFile")]
    public async Task Start_WithoutWhatAnAddressNeeds_NamesTheCure(string urls, string cure)
    {
        await using var host = new HostProcess();
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(async () => await host.StartAsync(new Dictionary<string, string>(), urls));
        Assert.Contains(cure, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithKeysButInTheClear_NamesTheCure()
    {
        await using var host = new HostProcess();
        var settings = new Dictionary<string, string> { ["Access__Keys__0__Id"] = "a", ["Access__Keys__0__Hash"] = OpenAI.Access.ApiKey.HashOf("a") };
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(async () => await host.StartAsync(settings, "http://0.0.0.0:0"));
        Assert.Contains("Door:AllowPlainHttp", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<string> SubjectAsync(HostProcess host, SslProtocols protocol)
    {
        var uri = new Uri(host.Address);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(uri.Host, uri.Port);
        using var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = uri.Host,
            EnabledSslProtocols = protocol,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
        return tls.RemoteCertificate!.Subject;
    }

    private void WriteCertificate(string subject)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest(subject, key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(_folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(_folder, "tls.crt"), certificate.ExportCertificatePem());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
