using System.Runtime.InteropServices;
using Cluster.Grammar.Structure;
using Cluster.Tokenization;

namespace Cluster.Grammar.Masks;

/// <summary>
/// One grammar over one vocabulary: what a <see cref="GrammarMatcher"/> asks, whatever kind of source the grammar came from. Engines are shared
/// between threads; cursors are values, and each engine reads only those that it made.
/// </summary>
internal abstract class MatchEngine
{
    private const int ForcedMax = 4096;

    public abstract Vocabulary Vocabulary { get; }

    /// <summary>Before the first byte.</summary>
    public abstract Cursor Start();

    /// <summary>The text so far is in the language.</summary>
    public abstract bool IsComplete(in Cursor cursor);

    /// <summary>A bound, never too low, on the tokens from <paramref name="cursor"/> to a complete text; <see cref="int.MaxValue"/> when the
    /// vocabulary cannot spell it.</summary>
    public abstract int TokensToComplete(in Cursor cursor);

    /// <summary>Tokens allowed at <paramref name="cursor"/> after which the text can still be completed within <paramref name="tokensLeft"/>, they included.</summary>
    public abstract TokenMask MaskOf(in Cursor cursor, int tokensLeft);

    /// <summary>After any token that <see cref="MaskOf"/> allows without a budget, no more tokens than this are needed.</summary>
    public abstract long MostTokensAfter(in Cursor cursor);

    /// <summary>Reads one byte, number <paramref name="index"/> of <paramref name="token"/>; false when it is not allowed: the cursor is then unusable.</summary>
    /// <param name="token">The token's bytes, as far as known.</param>
    public abstract bool Step(ref Cursor cursor, byte value, ReadOnlySpan<byte> token, int index);

    /// <summary>Makes a cursor that stands after the last byte of <paramref name="token"/> independent of the token.</summary>
    public virtual void Commit(ref Cursor cursor, ReadOnlySpan<byte> token)
    {
    }

    /// <summary>Reads a marker token; false where it is not allowed, as in every language of plain text.</summary>
    public virtual bool TryReadMarker(ref Cursor cursor, int token) => false;

    /// <summary>The cursor after the end of sequence.</summary>
    public virtual Cursor End(Cursor cursor) => cursor;

    /// <summary>The tags of the text so far, for grammars that have them.</summary>
    public virtual TagTrace? TagsOf(in Cursor cursor) => null;

    /// <summary>Bytes of the text so far whose meaning no continuation can change.</summary>
    public virtual long SettledBytesOf(in Cursor cursor) => 0;

    /// <summary>Reads a token of text; false when it is not allowed.</summary>
    public virtual bool TryRead(ref Cursor cursor, ReadOnlySpan<byte> token)
    {
        for (int i = 0; i < token.Length; i++)
        {
            if (!Step(ref cursor, token[i], token, i)) return false;
        }
        Commit(ref cursor, token);
        return true;
    }

    /// <summary>The tokens that one completion begins with: what is allowed when finding out more would cost too much. Valid, and marked.</summary>
    /// <param name="text">The completion, or as much of it as the longest token is long.</param>
    protected TokenMask AlongWitness(TokenTrie trie, ReadOnlySpan<byte> text, bool isComplete)
    {
        List<int> ids = trie.TokensAlong(text);
        if (isComplete) ids.AddRange(Vocabulary.EndIds);
        ids.Sort();
        return TokenMask.FromIds([.. ids], isNarrowed: true);
    }

    /// <summary>The bytes that every continuation begins with: as long as exactly one byte is possible and the text may not end.</summary>
    public ReadOnlyMemory<byte> ForcedBytesOf(Cursor cursor)
    {
        var forced = new List<byte>();
        while (forced.Count < ForcedMax && IsForcible(cursor) && !IsComplete(cursor))
        {
            int only = -1;
            Cursor after = default;
            for (int value = 0; value < 256 && only > -2; value++)
            {
                Cursor next = cursor;
                forced.Add((byte)value);
                bool isAllowed = Step(ref next, (byte)value, CollectionsMarshal.AsSpan(forced), forced.Count - 1);
                forced.RemoveAt(forced.Count - 1);
                if (!isAllowed) continue;
                (only, after) = only == -1 ? (value, next) : (-2, after);
            }
            if (only < 0) break;
            forced.Add((byte)only);
            cursor = after;
        }
        return forced.Count == 0 ? default : forced.ToArray();
    }

    /// <summary>Whether text may be forced at <paramref name="cursor"/>.</summary>
    protected virtual bool IsForcible(in Cursor cursor) => true;
}
