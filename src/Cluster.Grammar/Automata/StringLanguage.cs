using Cluster.Grammar.Automata.Formats;
using Cluster.Grammar.Automata.Patterns;
using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata;

/// <summary>
/// A set of JSON strings by their decoded text: an immutable value, equal content being the same object while it is cached. Texts are
/// sequences of Unicode scalar values, so no language contains a lone surrogate.
/// </summary>
public sealed class StringLanguage
{
    private const int DepthMax = 600;
    private static readonly LeafCache<Node, StringLanguage> Interned = LeafCache<Node, StringLanguage>.Shared(8, static _ => 96);
    private static readonly LeafCache<string, StringLanguage> Patterns = LeafCache<string, StringLanguage>.Shared(32, static language => 256 + (2L * language.Source));

    private readonly Node _node;
    private string[]? _texts;

    private StringLanguage(Node node) => _node = node;

    public static StringLanguage All { get; } = Of(Nodes.All);

    public static StringLanguage None { get; } = Of(Nodes.Nothing);

    /// <summary>Contains nothing, as is plain from its structure; <see cref="IsEmpty"/> decides it for good.</summary>
    public bool IsPlainlyEmpty => _node.Kind == NodeKind.Nothing;

    /// <summary>Every string.</summary>
    public bool IsAll => ReferenceEquals(_node, Nodes.All);

    internal Node Node => _node;

    private long Source { get; init; }

    /// <summary>The texts in which an ECMA-262 pattern matches somewhere.</summary>
    /// <returns>False and the reason if it cannot be an automaton.</returns>
    public static bool TryPattern(string pattern, out StringLanguage language, out LeafRefusal? refusal)
    {
        refusal = null;
        if (Patterns.TryGet(pattern, out var known))
        {
            language = known;
            return true;
        }
        var syntax = PatternParser.Parse(pattern, out refusal);
        var node = syntax is null ? null : PatternCompiler.Compile(syntax, out refusal);
        if (node is { Depth: > DepthMax })
        {
            refusal = new LeafRefusal(LeafRefusalKind.TooLarge, "The pattern nests too deeply.");
            node = null;
        }
        language = node is null ? None : Patterns.Add(pattern, new StringLanguage(node) { Source = pattern.Length });
        return node is not null;
    }

    /// <summary><see cref="TryPattern"/> for patterns known to be good.</summary>
    public static StringLanguage Pattern(string pattern) =>
        TryPattern(pattern, out var language, out var refusal) ? language : throw new ArgumentException(refusal!.Message, nameof(pattern));

    /// <summary>The language of a format; null for one that is not known (an annotation, by the specification) or that is refused.</summary>
    public static StringLanguage? Format(string name) => TryFormat(name, out var language, out _) ? language : null;

    /// <summary>The language of a format.</summary>
    /// <returns>False without a refusal: not a known format, so an annotation. False with one: known, but no automaton.</returns>
    public static bool TryFormat(string name, out StringLanguage language, out LeafRefusal? refusal)
    {
        language = FormatCatalogue.Find(name) ?? All;
        refusal = FormatCatalogue.Refusal(name);
        return FormatCatalogue.Find(name) is not null;
    }

    /// <summary>The texts that <c>contentEncoding</c> names (base64, base64url, base32, base16); null for one that is not known.</summary>
    public static StringLanguage? ContentEncoding(string name) => ContentEncodings.Find(name);

    /// <summary>Texts of <paramref name="min"/> to <paramref name="max"/> code points.</summary>
    public static StringLanguage Length(int min, int? max = null) =>
        max < min ? None : Of(Nodes.Lengths(Math.Max(min, 0), max ?? Strings.Node.Unbounded));

    public static StringLanguage Literals(IEnumerable<string> texts) => Of(LiteralRange.Root(LiteralSet.From(texts)));

    public StringLanguage And(StringLanguage other) => Of(Finite.Filter(_node, other._node) ?? Nodes.And(_node, other._node));

    public StringLanguage Or(StringLanguage other) => Of(Finite.Join(_node, other._node) ?? Nodes.Or(_node, other._node));

    public StringLanguage Not() => Of(Nodes.Not(_node));

    /// <summary>Whether no text is in the language.</summary>
    public Answer IsEmpty(Fuel fuel) => Witness.IsLive(_node, fuel) switch { null => Answer.OutOfFuel, true => Answer.No, false => Answer.Yes };

    /// <summary>No text of the language takes fewer bytes in JSON, quotes not counted.</summary>
    internal long BytesMin => _node.CostFloor;

    /// <summary>Whether every text of this language is in <paramref name="other"/>.</summary>
    public Answer IsSubsetOf(StringLanguage other, Fuel fuel) => And(other.Not()).IsEmpty(fuel);

    /// <summary>Whether no text is in both.</summary>
    public Answer IsDisjointFrom(StringLanguage other, Fuel fuel) => And(other).IsEmpty(fuel);

    /// <summary>All the texts, if there are at most <paramref name="max"/>: <see cref="Answer.No"/> if there are more.</summary>
    public Answer TryEnumerate(int max, Fuel fuel, out IReadOnlyList<string> texts) => Finite.TryEnumerate(_node, max, fuel, out texts);

    /// <summary>The texts, where the language is kept as a list of at most <paramref name="max"/>.</summary>
    internal bool TryTexts(int max, out IReadOnlyList<string> texts)
    {
        texts = _texts ?? [];
        if (_texts is null && _node.Content is LiteralRange { Depth: 0, Literals.IsPattern: false } range && range.High - range.Low <= max)
        {
            texts = _texts = [.. Finite.Texts(range)];
        }
        return _texts is not null && _texts.Length <= max;
    }

    public bool Contains(string text) => Finite.Contains(_node, text);

    /// <summary>The bytes after the opening quote, up to and including the closing one. Texts listed by <see cref="Literals"/> have one
    /// spelling under <see cref="Spelling.Canonical"/>; all other contents are free in both.</summary>
    public ByteDfa ToDfa(Spelling spelling) => BodyCache.Get(
        _node, spelling == Spelling.Canonical && _node.Content is LiteralRange { Literals.IsPattern: false }, false);

    /// <summary>The automaton of a list of texts that tells them apart: <see cref="ByteDfa.LiteralAt"/> is the place in the list (of the first
    /// of equal texts).</summary>
    public static ByteDfa LiteralTrie(IEnumerable<string> texts, Spelling spelling) =>
        BodyCache.Get(LiteralRange.Root(LiteralSet.From(texts)), spelling == Spelling.Canonical, tellsLiterals: true);

    public override string ToString() => _node.ToString();

    internal static StringLanguage Of(Node node) =>
        Interned.TryGet(node, out var known) ? known : Interned.Add(node, new StringLanguage(node));
}
