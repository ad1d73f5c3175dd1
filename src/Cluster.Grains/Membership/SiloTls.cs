using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Serving;
using Orleans.Connections.Security;

namespace Cluster.Grains.Membership;

/// <summary>Mutual TLS between silos, and between silos and the command-line client: whoever has a certificate of the cluster's own authority is in.</summary>
/// <remarks>
/// Names are not compared: silos find each other by address, and addresses of pods come and go. So the authority must be one that signs for this
/// cluster alone. A renewed certificate serves the next connection.
/// </remarks>
public sealed class SiloTls
{
    private readonly TlsFiles _files;
    private readonly X509Certificate2Collection _authority = [];
    private readonly Lock _gate = new();
    private X509Certificate2 _certificate;
    private FileStamp _stamp;

    /// <exception cref="CryptographicException">A file holds no certificate, or the key is not the certificate's.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public SiloTls(TlsFiles files)
    {
        _files = files;
        _authority.ImportFromPemFile(files.Authority);
        if (_authority.Count == 0) throw new CryptographicException($"No certificate in '{files.Authority}'.");
        (_certificate, _stamp) = (Load(), FileStamp.Of(files.Certificate));
    }

    public void Apply(TlsOptions options)
    {
        options.LocalCertificate = Current(); // Asked for although the selectors come before it.
        options.LocalServerCertificateSelector = (_, _) => Current();
        options.LocalClientCertificateSelector = (_, _, _, _, _) => Current();
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (certificate, _, _) => IsOurs(certificate);
        options.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        options.OnAuthenticateAsClient = (_, client) => client.TargetHost = "cluster";
    }

    /// <summary>Is it signed by the cluster's authority, and valid now?</summary>
    public bool IsOurs(X509Certificate2? certificate)
    {
        if (certificate is null) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private X509Certificate2 Current()
    {
        FileStamp stamp = FileStamp.Of(_files.Certificate);
        lock (_gate)
        {
            if (stamp == _stamp) return _certificate;
            try { (_certificate, _stamp) = (Load(), stamp); }
            catch (Exception error) when (error is CryptographicException or IOException) { /* Half written: the next connection tries again. */ }
            return _certificate;
        }
    }

    private X509Certificate2 Load() => X509Certificate2.CreateFromPemFile(_files.Certificate, _files.Key);
}

/// <summary>PEM files of one silo's certificate, its key, and the authority that all silos' certificates come from.</summary>
public sealed record TlsFiles(string Certificate, string Key, string Authority);
