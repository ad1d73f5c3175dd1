using System.Runtime.CompilerServices;
using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Grammar;

/// <summary>What has been built of one grammar: an automaton, and the masks over each vocabulary that was asked for.</summary>
/// <param name="make">Makes the masks of one vocabulary.</param>
/// <param name="bytes">Estimated memory at present, in bytes.</param>
/// <param name="contents">Grammars inside this one, which nobody else is given.</param>
internal sealed class GrammarTables(Func<Vocabulary, MatchEngine> make, Func<long> bytes, params CompiledGrammar[] contents)
{
    // Made with the first engine: many a grammar is compiled only to see whether it can be.
    private ConditionalWeakTable<Vocabulary, MatchEngine>? _engines;
    private long _leastBytes;

    public long Bytes => bytes();

    /// <summary>Most that one matcher's text alone was seen to need, in bytes: tables begun anew would soon hold as much again.</summary>
    public long LeastBytes => Interlocked.Read(ref _leastBytes);

    public void NeedAtLeast(long size)
    {
        long known = LeastBytes;
        while (size > known && Interlocked.CompareExchange(ref _leastBytes, size, known) is var seen && seen != known) known = seen;
    }

    public MatchEngine EngineOf(Vocabulary vocabulary)
    {
        ConditionalWeakTable<Vocabulary, MatchEngine> engines = Volatile.Read(ref _engines) ?? Interlocked.CompareExchange(ref _engines, new ConditionalWeakTable<Vocabulary, MatchEngine>(), null) ?? _engines!;
        return engines.TryGetValue(vocabulary, out MatchEngine? known) ? known : engines.GetValue(vocabulary, x => make(x));
    }

    /// <summary>Lets the masks go as soon as no matcher uses them; asked for again, they are made anew.</summary>
    /// <remarks>Without it they would outlive their grammar by a whole collection: the entry of a weak table goes with the table's finalizer, and until then it lives as long as its vocabulary.</remarks>
    public void Release()
    {
        foreach (CompiledGrammar content in contents) content.Release();
        if (Volatile.Read(ref _engines) is not { } engines) return;
        foreach ((Vocabulary vocabulary, _) in engines) engines.Remove(vocabulary);
    }
}
