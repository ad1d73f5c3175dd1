using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Structure;

/// <remarks><c>Tracking</c> is an atom that watches other formulas, its kids: whether branches succeed decides what they have evaluated.</remarks>
internal enum FormulaKind : byte { False, True, Atom, And, Or, Not, ExactlyOne, Tracking }

/// <summary>
/// A Boolean combination of <see cref="Atom"/>s: a predicate on a value, or what is left of one while an object or an array is read.
/// Immutable and hash-consed by a <see cref="FormulaStore"/>: equal formulas are the same object.
/// </summary>
/// <remarks>
/// A list of alternatives (disjunctive normal form) was rejected: an <c>allOf</c> of 17 conditionals is 2^17 alternatives before its
/// discriminator is read, and a formula of 17 terms.
/// </remarks>
internal sealed class Formula : IEquatable<Formula>
{
    internal Formula(int id, FormulaKind kind, Atom? atom, Formula[] kids)
    {
        Id = id;
        Kind = kind;
        Atom = atom;
        Kids = kids;
        if (atom is Question) Questions = 1UL << (id & 63);
        HasKeyQuestions = atom is KeyQuestion;
        HasUnique = atom is UniqueAtom;
        foreach (Formula kid in kids)
        {
            Questions |= kid.Questions;
            HasKeyQuestions |= kid.HasKeyQuestions;
            HasUnique |= kid.HasUnique;
        }
    }

    /// <summary>Order of creation in its store.</summary>
    public int Id { get; }

    public FormulaKind Kind { get; }

    public Atom? Atom { get; }

    public Formula[] Kids { get; }

    /// <summary>Some <see cref="Question"/> about the present member's value is open.</summary>
    public bool HasQuestions => Questions != 0;

    /// <summary>The open questions, hashed to one bit each: a formula that lacks a question's bit does not hold it.</summary>
    public ulong Questions { get; }

    /// <summary>Some <see cref="KeyQuestion"/> about the present key is open.</summary>
    public bool HasKeyQuestions { get; }

    /// <summary>What may come depends on which items came: some <see cref="UniqueAtom"/> is in it.</summary>
    public bool HasUnique { get; }

    /// <summary>Some atom, of whatever polarity, asks for a member of key <paramref name="name"/>.</summary>
    public bool Requires(int name) => Array.BinarySearch(_required ??= RequiredNames(), name) >= 0;

    public bool IsTrue => Kind == FormulaKind.True;

    public bool IsFalse => Kind == FormulaKind.False;

    private int[]? _required;

    private int[] RequiredNames()
    {
        if (Atom is HasAll has) return has.Names.Names;
        if (Kids.Length == 0) return [];
        var names = new SortedSet<int>();
        foreach (Formula kid in Kids) names.UnionWith(kid._required ??= kid.RequiredNames());
        return [.. names];
    }

    public bool Equals(Formula? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => Id;

    // What the rewriting in progress has made of it: valid where the stamp is that of the rewriting.
    internal long Stamp;
    internal Formula? Rewritten;

    // The next formula of its hash in the store.
    internal Formula? NextInterned { get; init; }

    // What is known about it, filled in on first use under the grammar's gate; each is a function of the formula alone.
    internal Formula?[]? Projections;
    internal StringLanguage? Strings;
    internal NumberLanguage? Numbers;
    internal ValueGoal? Goal;
    internal NameSet? Names;
    internal SmallestValues? Values;
}

/// <summary>What a formula is made of. Atoms compare by content.</summary>
internal abstract record Atom;

/// <summary>Open while a member's value is read: does the value satisfy <paramref name="Predicate"/>?</summary>
internal sealed record Question(Formula Predicate) : Atom;

/// <summary>Open while a key is read: is the key in <paramref name="Language"/>?</summary>
internal sealed record KeyQuestion(StringLanguage Language) : Atom;

/// <summary>The strings of a language: a predicate on a string value.</summary>
internal sealed record StringAtom(StringLanguage Language) : Atom;

/// <summary>The numbers of a language: a predicate on a number value.</summary>
internal sealed record NumberAtom(NumberLanguage Language) : Atom;
