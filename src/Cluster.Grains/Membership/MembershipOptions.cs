using System.ComponentModel.DataAnnotations;

namespace Cluster.Grains.Membership;

/// <summary>Where silos find each other.</summary>
public enum MembershipKind
{
    /// <summary>On this machine only, through the silo at <see cref="MembershipOptions.PrimaryPort"/>; grain state lives in memory.</summary>
    Localhost,

    /// <summary>In a PostgreSQL database, which also keeps grain state.</summary>
    PostgreSql,
}

/// <summary>How this silo joins a cluster.</summary>
public sealed record MembershipOptions
{
    public MembershipKind Kind { get; init; } = MembershipKind.Localhost;

    /// <summary>One of <c>edge</c>, <c>replica</c>, <c>both</c>.</summary>
    [RegularExpression("edge|replica|both")]
    public string Role { get; init; } = "both";

    /// <summary>Silos with the same id form one cluster.</summary>
    [Required, StringLength(150)]
    public string ClusterId { get; init; } = "cluster";

    /// <summary>Name of this silo; the machine's name and port where it is empty.</summary>
    /// <remarks>In Kubernetes set it from the pod's name.</remarks>
    [StringLength(150)]
    public string SiloName { get; init; } = "";

    /// <summary>The address that this silo listens on and that other silos connect to.</summary>
    /// <remarks>In Kubernetes set it from the pod's IP. The default keeps a development cluster on this machine.</remarks>
    [Required]
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>TCP port at which the other silos reach this one.</summary>
    [Range(1, 65535)]
    public int SiloPort { get; init; } = 11111;

    /// <summary>Port for the command-line client.</summary>
    [Range(1, 65535)]
    public int GatewayPort { get; init; } = 30000;

    /// <summary>Silo port of the first silo under <see cref="MembershipKind.Localhost"/>.</summary>
    [Range(1, 65535)]
    public int PrimaryPort { get; init; } = 11111;

    /// <summary>Npgsql connection string under <see cref="MembershipKind.PostgreSql"/>.</summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>Longest wait for the database at start-up, in seconds.</summary>
    [Range(0, 86_400)]
    public int DatabaseWaitSeconds { get; init; } = 300;

    /// <summary>Time after which one probe of a silo counts as missed, in milliseconds.</summary>
    /// <remarks>A silo is declared dead after <see cref="ProbesMissedMax"/> of them. Raise it before the other where cores are overcommitted:
    /// streams do not wait for it, the edge's own liveness moves them earlier.</remarks>
    [Range(100, 60_000)]
    public int ProbeTimeoutMs { get; init; } = 1_500;

    /// <summary>Probes in a row that a silo may miss before it is declared dead.</summary>
    [Range(1, 100)]
    public int ProbesMissedMax { get; init; } = 3;

    /// <summary>This silo's certificate (PEM); with it, silos speak TLS to each other and accept only certificates of <see cref="TlsAuthorityFile"/>. Empty is plain text.</summary>
    /// <remarks>All silos at once: one with TLS and one without do not find each other. Set it wherever others share the network.</remarks>
    public string TlsCertificateFile { get; init; } = "";

    /// <summary>The certificate's key (PEM).</summary>
    public string TlsKeyFile { get; init; } = "";

    /// <summary>The authority that signed the certificates of all silos, and of nobody else (PEM).</summary>
    public string TlsAuthorityFile { get; init; } = "";

    /// <summary>Null without TLS.</summary>
    public TlsFiles? Tls => TlsCertificateFile.Length == 0 ? null : new TlsFiles(TlsCertificateFile, TlsKeyFile, TlsAuthorityFile);
}
