using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Grammar;

/// <summary>
/// One request's cursor in a grammar: an immutable value. Copying it is a fork; keeping an old one is a rollback.
/// </summary>
public readonly struct GrammarMatcher
{
    /// <summary>A cursor before the first token.</summary>
    public static GrammarMatcher Start(CompiledGrammar grammar, Vocabulary vocabulary) => throw new NotImplementedException();

    /// <summary>The text so far is a complete document: end of sequence is allowed.</summary>
    public bool IsComplete => throw new NotImplementedException();

    /// <summary>A bound, never too low, on the fewest tokens that complete the document from here, end of sequence not counted.</summary>
    public int TokensToComplete => throw new NotImplementedException();

    /// <summary>Tokens allowed next. Never empty.</summary>
    /// <param name="tokensLeft">Tokens that may still be emitted, the next one included, end of sequence not counted:
    /// only tokens after which the document can still be completed within them are allowed.</param>
    public TokenMask GetMask(int tokensLeft = int.MaxValue) => throw new NotImplementedException();

    /// <summary>The cursor after <paramref name="token"/>; false (and an unusable cursor) if it is not allowed. End-of-sequence ids are accepted
    /// where <see cref="IsComplete"/>.</summary>
    public bool TryAdvance(int token, out GrammarMatcher next) => throw new NotImplementedException();

    /// <summary>Bytes that every continuation begins with: the forced run, empty where there is a choice.</summary>
    public ReadOnlyMemory<byte> GetForcedBytes() => throw new NotImplementedException();
}
