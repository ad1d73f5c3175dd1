using System.Collections.Immutable;

namespace Cluster.Grammar;

/// <summary>What became of one keyword of a schema.</summary>
public enum KeywordTreatment { Enforced, Annotation, Refused }

/// <param name="JsonPointer">Where the keyword stands (RFC 6901).</param>
/// <param name="Keyword">Its name.</param>
/// <param name="Treatment">What became of it.</param>
/// <param name="Reason">Why, where it is not enforced; else empty.</param>
public sealed record KeywordEntry(string JsonPointer, string Keyword, KeywordTreatment Treatment, string Reason);

/// <summary>What compiling a grammar found out.</summary>
public sealed record GrammarReport
{
    private readonly Lazy<ImmutableArray<KeywordEntry>> _keywords = new([]);

    /// <summary>Every keyword met, in the order of the source.</summary>
    public ImmutableArray<KeywordEntry> Keywords
    {
        get => _keywords.Value;
        init => _keywords = new Lazy<ImmutableArray<KeywordEntry>>(value);
    }

    /// <summary>The same, written out when first asked for.</summary>
    internal Lazy<ImmutableArray<KeywordEntry>> LazyKeywords
    {
        init => _keywords = value;
    }

    /// <summary>Fuel spent compiling, in engine operations.</summary>
    public long Fuel { get; init; }

    /// <summary>Automaton states known so far.</summary>
    public int States { get; init; }

    /// <summary>Estimated memory of the compiled grammar, in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes of the shortest document the engine knows; its fewest tokens depend on the vocabulary: <see cref="GrammarMatcher.TokensToComplete"/> of a start.</summary>
    public int FewestBytes { get; init; }
}
