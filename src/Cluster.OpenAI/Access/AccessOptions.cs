using System.ComponentModel.DataAnnotations;

namespace Cluster.OpenAI.Access;

/// <summary>Who may use the server, and how much: the section <c>Access</c>.</summary>
public sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>The keys. Without any (and without <see cref="KeysFile"/>) only loopback is served, and asks for none.</summary>
    public IList<ApiKeyConfig> Keys { get; set; } = [];

    /// <summary>A JSON file <c>{"keys":[…]}</c> with more keys, e.g. a mounted secret; read again when it changes.</summary>
    public string KeysFile { get; set; } = "";

    /// <summary>How often <see cref="KeysFile"/> is looked at.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan KeysReloadInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Most keys; each presented key is compared with all of them.</summary>
    [Range(1, 1_000_000)]
    public int KeysMax { get; set; } = 10_000;

    /// <summary>Without any key configured, make one at start, print it and ask for it, instead of serving loopback without.</summary>
    public bool DevelopmentKey { get; set; }

    /// <summary>Sites whose pages may call the API from a browser, separated by semicolons, such as <c>https://app.example;http://localhost:3000</c>; <c>*</c> is every site. Never the admin pages.</summary>
    /// <remarks>Without keys, <c>*</c> lets any page that is open in a browser of this machine use its models.</remarks>
    [RegularExpression(@"^(\*|https?://[^/;*\s]+(;https?://[^/;*\s]+)*)$")]
    public string AllowedOrigins { get; set; } = "";
}

/// <summary>One key as configured: its hash, never itself.</summary>
public sealed class ApiKeyConfig
{
    /// <summary>Its name in metrics, logs and usage.</summary>
    [Required, RegularExpression("^[A-Za-z0-9._-]{1,64}$")]
    public string Id { get; set; } = "";

    /// <summary><c>sha256:</c> and the lower-case hex SHA-256 of the key's UTF-8 bytes. Keys are random, so the hash needs no salt.</summary>
    [Required, RegularExpression("^sha256:[0-9a-f]{64}$")]
    public string Hash { get; set; } = "";

    /// <summary>Models it may use; empty is all.</summary>
    public IList<string> Models { get; set; } = [];

    /// <summary>Whether it opens the admin pages, <c>/metrics</c> and everybody's usage.</summary>
    public bool IsAdmin { get; set; }

    /// <summary>0 is no limit.</summary>
    [Range(0, 1_000_000_000)]
    public int RequestsPerMinute { get; set; }

    /// <summary>Prompt and completion tokens; 0 is no limit.</summary>
    [Range(0, 1_000_000_000)]
    public int TokensPerMinute { get; set; }

    /// <summary>Requests that may run at once; 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int StreamsMax { get; set; }

    /// <summary>Its share of a saturated system, against the other keys' weights.</summary>
    [Range(0.001, 1000.0)]
    public double Weight { get; set; } = 1;
}
