using System.Runtime.CompilerServices;
using Cluster.Tokenization;

namespace Cluster.Grammar.Masks;

/// <summary>What masks need to know about a vocabulary, made once per process: its trie, its tokens by structural place, the rows of leaves.</summary>
internal sealed class MaskVocabulary
{
    private static readonly ConditionalWeakTable<Vocabulary, MaskVocabulary> _made = [];

    private MaskVocabulary(Vocabulary vocabulary)
    {
        Trie = new TokenTrie(vocabulary);
        Whole = TextTrie.Of(Trie);
        TextTrie[] at = new TextTrie[_structural.Length];
        LeafRows? rows = null;
        // Two halves of about the same work.
        Parallel.Invoke(
            () => rows = new LeafRows(Whole, vocabulary.Size, id => vocabulary.BytesOf(id)),
            () =>
            {
                for (int i = 0; i < at.Length; i++) at[i] = Whole.At(_structural[i], Trie.DepthMax);
            });
        (Value, Object, Array, After, Colon, Rows) = (at[0], at[1], at[2], at[3], at[4], rows!);
    }

    private static readonly Places[] _structural = [Places.Value, Places.Object, Places.Array, Places.After, Places.Colon];

    public TokenTrie Trie { get; }

    /// <summary>All tokens.</summary>
    public TextTrie Whole { get; }

    /// <summary>Those that can stand before a value; after <c>{</c> or before a key; after <c>[</c>; after a value; after a key.</summary>
    public TextTrie Value { get; }

    /// <inheritdoc cref="Value"/>
    public TextTrie Object { get; }

    /// <inheritdoc cref="Value"/>
    public TextTrie Array { get; }

    /// <inheritdoc cref="Value"/>
    public TextTrie After { get; }

    /// <inheritdoc cref="Value"/>
    public TextTrie Colon { get; }

    public LeafRows Rows { get; }

    private int _brackets = -1;

    /// <summary>Most brackets that one token opens; counted when first asked for.</summary>
    public int BracketsMax
    {
        get
        {
            if (_brackets >= 0) return _brackets;
            int most = 0;
            for (int id = 0; id < Trie.Vocabulary.Size; id++)
            {
                ReadOnlySpan<byte> text = Trie.Vocabulary.BytesOf(id);
                most = Math.Max(most, text.Count((byte)'[') + text.Count((byte)'{'));
            }
            return _brackets = most;
        }
    }

    public static MaskVocabulary Of(Vocabulary vocabulary) => _made.GetValue(vocabulary, static x => new MaskVocabulary(x));
}
