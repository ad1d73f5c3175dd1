using System.ComponentModel.DataAnnotations;
using Cluster.Grammar;

namespace Cluster.Host;

/// <summary>Which cluster this process belongs to.</summary>
public enum ClusterMode
{
    /// <summary>One process, all replicas in it.</summary>
    Embedded,

    /// <summary>A silo of an Orleans cluster.</summary>
    Orleans,
}

/// <summary>Settings of the section <c>Cluster</c>.</summary>
public sealed class ClusterHostOptions
{
    public const string Section = "Cluster";

    public ClusterMode Mode { get; set; } = ClusterMode.Embedded;

    /// <summary>Serve on addresses that other machines can reach although there are no keys.</summary>
    /// <remarks>Only behind a proxy or a network policy that authenticates.</remarks>
    public bool AllowAnonymous { get; set; }

    /// <summary>How often the files of cluster-config are looked at for changed limits.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Memory of compiled grammars, with the states and masks that their use adds, in bytes.</summary>
    /// <remarks>Raise it where many large schemas are in use; one that fell out is compiled again.</remarks>
    [Range(1024, long.MaxValue)]
    public long GrammarCacheBytesMax { get; set; } = 256L << 20;

    /// <summary>Memory of one grammar's lazily built tables, in bytes; past it, its requests go on in empty ones.</summary>
    [Range(1024, long.MaxValue)]
    public long GrammarBytesMax { get; set; } = CompiledGrammar.DefaultTableBytesMax;

    /// <summary>Memory of the automata that all grammars share (texts, numbers, names), in bytes; half of it again for each model's vocabulary.</summary>
    /// <remarks>Lower it on small machines: what fell out is made again, at the cost of a slower first mask.</remarks>
    [Range(1 << 20, long.MaxValue)]
    public long SharedAutomataBytesMax { get; set; } = SharedAutomata.BytesMaxByDefault;

    /// <summary>Sequences that may wait for a slot of one replica; more are answered 503.</summary>
    [Range(0, 100_000)]
    public int WaitingMax { get; set; } = 1024;
}
