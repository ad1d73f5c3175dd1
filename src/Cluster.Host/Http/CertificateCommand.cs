using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Host.Http;

/// <summary><c>Cluster.Host certificate FOLDER</c>: makes <c>tls.crt</c> and <c>tls.key</c> for this machine alone, to try HTTPS without an authority.</summary>
public static class CertificateCommand
{
    public const string Name = "certificate";

    private const int DaysValid = 90;

    public static int Run(ReadOnlySpan<string> args)
    {
        if (args is not [var folder])
        {
            Console.Error.WriteLine("usage: certificate FOLDER");
            return 2;
        }
        Directory.CreateDirectory(folder);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(DaysValid));
        string keyPath = Path.Combine(folder, "tls.key"), certificatePath = Path.Combine(folder, "tls.crt");
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(keyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        Console.WriteLine($"{certificatePath} and {keyPath}, for localhost, {DaysValid} days; clients must be told to trust the former.");
        return 0;
    }
}
