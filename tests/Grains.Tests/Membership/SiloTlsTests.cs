using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Grains.Membership;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cluster.Grains.Tests.Membership;

public sealed class SiloTlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-tls-").FullName;

    [Fact]
    public void IsOurs_OnlyCertificatesOfTheAuthorityThatAreValidNow()
    {
        using var authority = NewAuthority("ours");
        using var other = NewAuthority("ours"); // The same name says nothing.
        var tls = new SiloTls(Write("a", authority, TimeSpan.Zero));
        Assert.True(tls.IsOurs(Sign(authority, TimeSpan.Zero)));
        Assert.False(tls.IsOurs(Sign(other, TimeSpan.Zero)));
        Assert.False(tls.IsOurs(Sign(authority, TimeSpan.FromDays(-10)))); // Expired.
        Assert.False(tls.IsOurs(null));
    }

    [Fact]
    public async Task Silos_OfOneAuthority_FormAClusterAndOneOfAnotherStaysOut()
    {
        using var authority = NewAuthority("ours");
        using var other = NewAuthority("theirs");
        int primary = PostgreSqlClusterTests.FreePort();
        using var edge = await StartAsync("edge", primary, primary, Write("edge", authority, TimeSpan.Zero));
        using var replica = await StartAsync("replica", primary, PostgreSqlClusterTests.FreePort(), Write("replica", authority, TimeSpan.Zero));
        var directory = edge.Services.GetRequiredService<IReplicaDirectory>();
        await Eventually.HoldsAsync(() => directory.All.Any(one => one.Snapshot.Health == ReplicaHealth.Ready), withinMs: 30_000, () => "no replica through TLS");
        Assert.True(await IsAnsweredAsync(primary, Sign(authority, TimeSpan.Zero)));
        Assert.False(await IsAnsweredAsync(primary, Sign(other, TimeSpan.Zero)));
        Assert.False(await IsAnsweredAsync(primary, null));
        await replica.StopAsync();
        await edge.StopAsync();
    }

    /// <summary>Whether a silo says a word to somebody with this certificate.</summary>
    private static async Task<bool> IsAnsweredAsync(int port, X509Certificate2? certificate)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(connection.GetStream(), false, (_, _, _, _) => true);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "cluster", ClientCertificates = certificate is null ? [] : [certificate] });
            return await tls.ReadAsync(new byte[16]).AsTask().WaitAsync(TimeSpan.FromSeconds(20)) > 0;
        }
        catch (Exception error) when (error is IOException or AuthenticationException)
        {
            return false;
        }
    }

    private async Task<IHost> StartAsync(string role, int primary, int port, TlsFiles files)
    {
        var options = new MembershipOptions
        {
            Role = role, PrimaryPort = primary, SiloPort = port, GatewayPort = PostgreSqlClusterTests.FreePort(),
            TlsCertificateFile = files.Certificate, TlsKeyFile = files.Key, TlsAuthorityFile = files.Authority,
        };
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(Options.Create(new FleetOptions { ReportMs = 50, ReconcileMs = 50 }));
        builder.Services.AddSingleton(Options.Create(new DeviceOptions { Devices = role == "edge" ? [] : ["d:0"], LockFolder = Path.Combine(_folder, $"locks-{port}") }));
        if (role != "edge") builder.Services.AddSingleton<IReplicaFactory>(new ScriptedReplicaFactory(TimeSpan.Zero, TimeSpan.Zero, "m"));
        builder.UseOrleans(silo => silo.UseClusterMembership(options).AddClusterGrains(role, ["m"], _ => new CountingCompiler()));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private TlsFiles Write(string name, X509Certificate2 authority, TimeSpan shift)
    {
        var files = new TlsFiles(Path.Combine(_folder, $"{name}.pem"), Path.Combine(_folder, $"{name}.key"), Path.Combine(_folder, $"{name}.authority"));
        using X509Certificate2 certificate = Sign(authority, shift);
        File.WriteAllText(files.Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(files.Key, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(files.Authority, authority.ExportCertificatePem());
        return files;
    }

    private static X509Certificate2 NewAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30));
    }

    private static X509Certificate2 Sign(X509Certificate2 authority, TimeSpan shift)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=silo", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = DateTimeOffset.UtcNow + shift;
        using X509Certificate2 certificate = request.Create(authority, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
