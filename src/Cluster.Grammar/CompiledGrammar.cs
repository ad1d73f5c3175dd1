using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Grammar;

/// <summary>A grammar as a lazy automaton: immutable to its users, shared by every request with the same <see cref="GrammarSpec"/>.</summary>
/// <remarks>
/// What is built lazily is bounded: when it holds more than <see cref="TableBytesMax"/>, matchers that start from then on begin with empty tables. Those on
/// their way keep the old ones, so that nothing they refer to changes, until their owner asks for <see cref="InBoundedTables"/>, which reads their tokens once
/// more; the answers are the same either way, since tables hold nothing but what can be computed again. Taking single states out was rejected: a state is
/// referred to by its neighbours, by open matchers and by masks.
/// </remarks>
public sealed class CompiledGrammar
{
    /// <summary>The default of <see cref="GrammarCacheOptions.GrammarBytesMax"/>.</summary>
    public const long DefaultTableBytesMax = 64L << 20;

    private readonly Lock _gate = new();
    private readonly GrammarSpec _spec;
    private readonly Func<GrammarTables> _makeTables;
    private GrammarTables _tables;
    private long _renewals;

    internal CompiledGrammar(GrammarSpec spec, GrammarReport report, Func<GrammarTables> makeTables)
    {
        _spec = spec;
        Report = report;
        _makeTables = makeTables;
        _tables = makeTables();
    }

    /// <summary>Lower-case hex SHA-256 of the canonical source and options.</summary>
    public string Hash => _spec.Hash;

    public GrammarReport Report { get; }

    /// <summary>Estimated memory of what has been compiled and built so far, in bytes.</summary>
    public long Bytes => Report.Bytes + TableBytes;

    /// <summary>The tables' share of them.</summary>
    internal long TableBytes => Volatile.Read(ref _tables).Bytes;

    /// <summary>Times that the tables were begun anew for their size.</summary>
    public long Renewals => Interlocked.Read(ref _renewals);

    /// <summary>Most bytes of tables that a matcher may start with, or twice what its text alone needs, if that is more.</summary>
    internal long TableBytesMax { get; set; } = DefaultTableBytesMax;

    /// <summary>Bytes that a text of the language may end with; may hold more.</summary>
    internal Func<byte, bool> MayEnd { get; init; } = static _ => true;

    /// <summary>The masks of this grammar over one vocabulary.</summary>
    internal MatchEngine EngineOf(Vocabulary vocabulary) => BoundedTables().EngineOf(vocabulary);

    /// <summary>
    /// The same place in tables within their bound: the matcher itself, or, where its tables have outgrown it, one that has read
    /// <paramref name="tokens"/> in new ones. For owners of matchers that go on for long; the old tables go when the last of theirs has moved or ended.
    /// </summary>
    /// <param name="matcher">A matcher of this grammar that has not ended.</param>
    /// <param name="tokens">Everything it has read.</param>
    public GrammarMatcher InBoundedTables(GrammarMatcher matcher, ReadOnlySpan<int> tokens)
    {
        GrammarTables tables = BoundedTables();
        if (tables.EngineOf(matcher.Vocabulary) == matcher.Engine) return matcher;
        long before = tables.Bytes;
        GrammarMatcher moved = GrammarMatcher.Start(tables.EngineOf(matcher.Vocabulary));
        foreach (int token in tokens)
        {
            if (!moved.TryAdvance(token, out moved)) throw new InvalidOperationException("Tokens that were read once are not allowed the second time.");
        }
        tables.NeedAtLeast(tables.Bytes - before);
        return moved;
    }

    private GrammarTables BoundedTables()
    {
        GrammarTables tables = Volatile.Read(ref _tables);
        if (tables.Bytes > Math.Max(TableBytesMax, 2 * tables.LeastBytes)) Renew(tables);
        return Volatile.Read(ref _tables);
    }

    /// <summary>Begins the tables anew, whatever they hold.</summary>
    internal void Renew() => Renew(Volatile.Read(ref _tables));

    private void Renew(GrammarTables old)
    {
        lock (_gate)
        {
            if (old != _tables) return;
            Volatile.Write(ref _tables, _makeTables());
            Interlocked.Increment(ref _renewals);
        }
        old.Release();
    }

    /// <summary>Nobody is given this grammar any more: what was built of it goes with the last matcher that uses it.</summary>
    internal void Release() => Volatile.Read(ref _tables).Release();
}

/// <summary>Outcome of a compile: a grammar, or the reasons why not. Under best effort possibly both.</summary>
/// <param name="Grammar">The grammar, or null when refused.</param>
/// <param name="Rejections">Why it was refused; under best effort, what was left out.</param>
public sealed record CompileResult(CompiledGrammar? Grammar, IReadOnlyList<SchemaRejection> Rejections);
