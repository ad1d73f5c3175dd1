using System.Collections.Immutable;
using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata.Formats;

internal enum RegexPlace : byte
{
    /// <summary>A term may begin, nothing can be repeated.</summary>
    Term,

    /// <summary>After something that a quantifier may repeat.</summary>
    Atom,

    /// <summary>After a quantifier: a question mark makes it lazy.</summary>
    Quantified,

    /// <summary>After "(", "(?", "(?&lt;", and inside a name.</summary>
    Open, OpenKind, OpenLess, Name,

    /// <summary>Inside "{n,m}". Text: the digits of the part; Least: those of n.</summary>
    CounterMin, CounterComma, CounterMax,

    /// <summary>In a class: before an atom, after one that may begin a range, after one that may not, and after the dash behind either.</summary>
    Class, ClassLow, ClassSet, ClassDash, ClassSetDash, ClassStart,

    /// <summary>In a class after a high surrogate's escape: the low one must follow.</summary>
    ClassLead, ClassTrail,

    /// <summary>After a backslash and what may come behind it. Number: the value so far; Text: digits or name so far.</summary>
    Escape, Control, Hex, Unicode, UnicodeBrace, Property, PropertyName, Reference, NameReference, NameReferenceName,
}

/// <summary>
/// The format <c>regex</c>: patterns that ECMA-262 accepts with the u flag, which is how validators compile them. Not regular (groups nest,
/// names and numbered references must have their group), so the state holds the open groups, the groups and names so far, and the references
/// still without one. Left out, where a pattern would be valid: references beyond 99, escapes of lone surrogates inside a class, and groups
/// that switch flags.
/// </summary>
internal sealed record RegexState : MachineState
{
    public const int ReferenceMax = 99;

    public RegexPlace Place { get; init; }

    /// <summary>Open groups, innermost last: a for an atom, n for an assertion (which no quantifier may follow).</summary>
    public string Groups { get; init; } = "";

    /// <summary>Capturing groups so far, up to <see cref="ReferenceMax"/>.</summary>
    public int Captures { get; init; }

    /// <summary>The highest group that was referred to.</summary>
    public int Referred { get; init; }

    public ImmutableSortedSet<string> Names { get; init; } = ImmutableSortedSet<string>.Empty.WithComparer(StringComparer.Ordinal);

    public ImmutableSortedSet<string> Wanted { get; init; } = ImmutableSortedSet<string>.Empty.WithComparer(StringComparer.Ordinal);

    public bool InClass { get; init; }

    /// <summary>In a class: what a range may begin with, or what one began with whose end is being read; else -1.</summary>
    public int Low { get; init; } = -1;

    public int Number { get; init; }

    public int Digits { get; init; }

    public string Text { get; init; } = "";

    /// <summary>After \0 no digit may stand.</summary>
    public bool NoDigit { get; init; }

    public string Least { get; init; } = "";

    public override bool IsNullable =>
        Place is RegexPlace.Term or RegexPlace.Atom or RegexPlace.Quantified or RegexPlace.Reference && Groups.Length == 0 && Rest.Length == 0;

    public override string Shortest => RegexCompletion.Of(this);

    public override IEnumerable<int> Bounds => Place switch
    {
        RegexPlace.ClassDash => [Low, Low + 1],
        RegexPlace.OpenLess or RegexPlace.NameReference => RegexNames.StartBounds,
        RegexPlace.Name or RegexPlace.NameReferenceName => RegexNames.PartBounds,
        _ => [],
    };

    /// <summary>The groups that references still ask for.</summary>
    public string Rest
    {
        get
        {
            var names = string.Concat(Wanted.Select(name => $"(?<{name}>)"));
            var missing = Math.Max(Referred, Place == RegexPlace.Reference ? Number : 0) - Captures - Wanted.Count;
            return names + (missing > 0 ? string.Concat(Enumerable.Repeat("()", missing)) : "");
        }
    }

    public override MachineState? After(int codePoint) => RegexSteps.After(this, codePoint);

    /// <summary>Back between terms, or between the atoms of a class, with what was read as the last atom.</summary>
    /// <param name="value">The code point that the atom stands for; -1 for a class escape.</param>
    public RegexState? Finish(int value)
    {
        var state = this with { Number = 0, Digits = 0, Text = "", Least = "", NoDigit = false };
        if (!InClass)
        {
            return state with { Place = RegexPlace.Atom };
        }
        if (Low < 0)
        {
            return state with { Place = value < 0 ? RegexPlace.ClassSet : RegexPlace.ClassLow, Low = value };
        }
        return value < Low ? null : state with { Place = RegexPlace.Class, Low = -1 };
    }

    public bool Equals(RegexState? other) => other is not null && Place == other.Place && Groups == other.Groups
        && Captures == other.Captures && Referred == other.Referred && InClass == other.InClass && Low == other.Low && NoDigit == other.NoDigit
        && Number == other.Number && Digits == other.Digits && Text == other.Text && Least == other.Least
        && Names.SetEquals(other.Names) && Wanted.SetEquals(other.Wanted);

    public override int GetHashCode() => HashCode.Combine(Place, Groups, Captures, Referred, Low, Number, Text, Names.Count + (Wanted.Count << 8));
}
