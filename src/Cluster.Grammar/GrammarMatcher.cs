using Cluster.Grammar.Masks;
using Cluster.Grammar.Structure;
using Cluster.Tokenization;

namespace Cluster.Grammar;

/// <summary>
/// One request's cursor in a grammar: an immutable value. Copying it is a fork; keeping an old one is a rollback.
/// </summary>
/// <remarks>
/// The grammar's automaton is built lazily behind it and shared: two matchers of one grammar and one vocabulary reuse each other's
/// states and masks, from any thread.
/// </remarks>
public readonly struct GrammarMatcher
{
    private readonly MatchEngine _engine;
    private readonly Cursor _cursor;
    private readonly bool _isEnded;

    private GrammarMatcher(MatchEngine engine, Cursor cursor, bool isEnded)
    {
        _engine = engine;
        _cursor = cursor;
        _isEnded = isEnded;
    }

    /// <summary>A cursor before the first token.</summary>
    public static GrammarMatcher Start(CompiledGrammar grammar, Vocabulary vocabulary) => Start(grammar.EngineOf(vocabulary));

    internal static GrammarMatcher Start(MatchEngine engine) => new(engine, engine.Start(), false);

    internal MatchEngine Engine => _engine;

    internal Vocabulary Vocabulary => _engine.Vocabulary;

    /// <summary>The text so far is a complete document: end of sequence is allowed.</summary>
    public bool IsComplete => _isEnded || _engine.IsComplete(_cursor);

    /// <summary>A bound, never too low, on the fewest tokens that complete the document from here, end of sequence not counted.
    /// <see cref="int.MaxValue"/> when the vocabulary cannot spell the witness.</summary>
    public int TokensToComplete => _isEnded ? 0 : _engine.TokensToComplete(_cursor);

    /// <summary>Tokens allowed next, end-of-sequence ids included where the document is complete. Never empty before the end.</summary>
    /// <param name="tokensLeft">Tokens that may still be emitted, the next one included, end of sequence not counted:
    /// only tokens after which the document can still be completed within them are allowed.</param>
    public TokenMask GetMask(int tokensLeft = int.MaxValue)
        => _isEnded ? TokenMask.FromIds([.. _engine.Vocabulary.EndIds.Order()]) : _engine.MaskOf(_cursor, tokensLeft);

    /// <summary>The cursor after <paramref name="token"/>; false (and an unusable cursor) if it is not allowed. End-of-sequence ids are accepted
    /// where <see cref="IsComplete"/>.</summary>
    public bool TryAdvance(int token, out GrammarMatcher next)
    {
        // The result may be written over this very value: everything is read from it first.
        MatchEngine engine = _engine;
        Cursor cursor = _cursor;
        bool isEnded = _isEnded, isComplete = IsComplete;
        next = default;
        Vocabulary vocabulary = engine.Vocabulary;
        if ((uint)token >= (uint)vocabulary.Size) return false;
        if (vocabulary.IsSpecial(token) || vocabulary.BytesOf(token).IsEmpty || isEnded)
        {
            if (vocabulary.IsEnd(token) && isComplete)
            {
                next = new GrammarMatcher(engine, engine.End(cursor), true);
                return true;
            }
            if (isEnded || vocabulary.BytesOf(token).IsEmpty || !engine.TryReadMarker(ref cursor, token)) return false;
            next = new GrammarMatcher(engine, cursor, false);
            return true;
        }
        if (!engine.TryRead(ref cursor, vocabulary.BytesOf(token))) return false;
        next = new GrammarMatcher(engine, cursor, false);
        return true;
    }

    /// <summary>The newest tag of the text so far, as far as it is certain, for grammars of kind <see cref="GrammarKind.StructuralTag"/>; else null.</summary>
    public TagTrace? Tags => _engine.TagsOf(_cursor);

    /// <summary>
    /// Bytes of the text so far whose meaning no continuation can change, for grammars of kind <see cref="GrammarKind.StructuralTag"/>: text before this
    /// offset is text, the content of the tag it stands in, or part of a tag's strings, as <see cref="Tags"/> says; what stands after it may yet turn out to begin or to end a tag.
    /// </summary>
    public long SettledBytes => _engine.SettledBytesOf(_cursor);

    /// <summary>What the cursor stands at; for tests, which count states.</summary>
    internal object State => _cursor.At;

    /// <summary>Bytes that every continuation begins with: the forced run, empty where there is a choice.</summary>
    public ReadOnlyMemory<byte> GetForcedBytes() => _isEnded ? default : _engine.ForcedBytesOf(_cursor);
}
