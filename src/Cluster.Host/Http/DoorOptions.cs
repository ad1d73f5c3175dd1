using System.ComponentModel.DataAnnotations;

namespace Cluster.Host.Http;

/// <summary>Bounds of connections: the section <c>Door</c>.</summary>
public sealed class DoorOptions
{
    public const string Section = "Door";

    /// <summary>Connections open at once; more are refused.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsMax { get; set; } = 20_000;

    /// <summary>All headers of one request, in bytes.</summary>
    [Range(1024, 1 << 20)]
    public int HeaderBytesMax { get; set; } = 32 << 10;

    /// <summary>Headers of one request.</summary>
    [Range(8, 1000)]
    public int HeadersMax { get; set; } = 100;

    /// <summary>Longest time until a request's headers are all there.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:10:00")]
    public TimeSpan HeadersTimeMax { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest time that a connection may idle between requests.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan IdleTimeMax { get; set; } = TimeSpan.FromSeconds(130);

    /// <summary>Slowest upload of a body, in bytes a second, after <see cref="RateGrace"/>.</summary>
    [Range(1.0, 1e9)]
    public double BodyBytesPerSecondMin { get; set; } = 240;

    /// <summary>Slowest download of what was written, in bytes a second, after <see cref="RateGrace"/>.</summary>
    [Range(1.0, 1e9)]
    public double ResponseBytesPerSecondMin { get; set; } = 240;

    /// <summary>For how long a body or an answer may be slower.</summary>
    [Range(typeof(TimeSpan), "00:00:01.100", "00:10:00")]
    public TimeSpan RateGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of an answer that wait for the client's network before writing waits too.</summary>
    [Range(1024, 1 << 26)]
    public int ResponseBufferBytesMax { get; set; } = 64 << 10;

    /// <summary>Streams of one HTTP/2 connection.</summary>
    [Range(1, 100_000)]
    public int StreamsPerConnectionMax { get; set; } = 1000;

    /// <summary>A port (one of <c>--urls</c>) on which <c>/metrics</c> needs no key; keep it inside. 0 is none.</summary>
    [Range(0, 65_535)]
    public int InternalPort { get; set; }

    /// <summary>PEM file of the certificate (and its chain) for the <c>https</c> addresses of <c>--urls</c>.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>PEM file of the certificate's private key.</summary>
    public string CertificateKeyFile { get; set; } = "";

    /// <summary>How often the certificate's files are looked at; a renewed one serves the next connection.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan CertificateReloadInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Serve plain HTTP on addresses that other machines can reach.</summary>
    /// <remarks>Only behind something that ends TLS before it: keys and prompts travel in the clear.</remarks>
    public bool AllowPlainHttp { get; set; }
}
