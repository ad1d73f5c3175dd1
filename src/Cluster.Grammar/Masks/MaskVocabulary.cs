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
        Value = Whole.Below([0], Places.Value, isInclusive: false);
        Object = Whole.Below([0], Places.Object, isInclusive: false);
        Array = Whole.Below([0], Places.Array, isInclusive: false);
        After = Whole.Below([0], Places.After, isInclusive: false);
        Colon = Whole.Below([0], Places.Colon, isInclusive: false);
        Rows = new LeafRows(Whole, vocabulary.Size, id => vocabulary.BytesOf(id));
    }

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

    public static MaskVocabulary Of(Vocabulary vocabulary) => _made.GetValue(vocabulary, static x => new MaskVocabulary(x));
}
