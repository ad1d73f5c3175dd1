namespace Cluster.Grammar.Automata.Numbers;

/// <summary>
/// A set of decimals: finitely many cuts of the line, a verdict at each and a divisibility condition in each gap between them. Closed under
/// And, Or and Not in linear time, which is all that minimum, maximum, multipleOf, enum and their negations need.
/// </summary>
internal sealed class NumberLine : IEquatable<NumberLine>
{
    public static readonly NumberLine All = new([], [], [Divisibility.Always]);
    public static readonly NumberLine None = new([], [], [Divisibility.Never]);

    // 0: not known yet. Two threads find the same.
    private int _hash;

    private NumberLine(ExactDecimal[] cuts, bool[] members, Divisibility[] gaps)
        => (Cuts, Members, Gaps) = (cuts, members, gaps);

    /// <summary>Ascending.</summary>
    public ExactDecimal[] Cuts { get; }

    /// <summary>Whether each cut itself is in the set.</summary>
    public bool[] Members { get; }

    /// <summary>Gap i lies below cut i; the last one above all.</summary>
    public Divisibility[] Gaps { get; }

    /// <summary>Only isolated numbers.</summary>
    public bool IsFiniteList => Array.TrueForAll(Gaps, gap => gap.IsNever);

    public static NumberLine Range(ExactDecimal? min, bool minExclusive, ExactDecimal? max, bool maxExclusive)
    {
        var line = All;
        if (min is { } low)
        {
            line = new NumberLine([low], [!minExclusive], [Divisibility.Never, Divisibility.Always]);
        }
        if (max is { } high)
        {
            var below = new NumberLine([high], [!maxExclusive], [Divisibility.Always, Divisibility.Never]);
            line = line.Combine(below, static (a, b) => a && b)!;
        }
        return line;
    }

    public static NumberLine MultipleOf(ExactDecimal divisor) => new([], [], [Divisibility.MultipleOf(divisor)]);

    public static NumberLine List(IReadOnlyCollection<ExactDecimal> values)
    {
        if (values.Count == 1)
        {
            return new NumberLine([values.First()], [true], [Divisibility.Never, Divisibility.Never]);
        }
        ExactDecimal[] cuts = [.. values.Distinct().Order()];
        return new NumberLine(cuts, [.. Enumerable.Repeat(true, cuts.Length)], [.. Enumerable.Repeat(Divisibility.Never, cuts.Length + 1)]);
    }

    public bool Contains(ExactDecimal value)
    {
        var index = Array.BinarySearch(Cuts, value);
        return index >= 0 ? Members[index] : Gaps[~index].Holds(value);
    }

    public NumberLine Not() =>
        new(Cuts, Array.ConvertAll(Members, member => !member), Array.ConvertAll(Gaps, gap => gap.Not()));

    /// <summary>The set with other conditions in its gaps.</summary>
    public NumberLine WithGaps(Converter<Divisibility, Divisibility> condition)
    {
        var line = new NumberLine(Cuts, Members, Array.ConvertAll(Gaps, condition));
        return line.Equals(All) ? All : line;
    }

    /// <summary>The set of the negated numbers.</summary>
    public NumberLine Mirror()
    {
        ExactDecimal[] cuts = [.. Cuts.Reverse().Select(cut => cut.Negate())];
        return new NumberLine(cuts, [.. Members.Reverse()], [.. Gaps.Reverse()]);
    }

    /// <summary>Null if a gap would depend on too many divisors.</summary>
    public NumberLine? Combine(NumberLine other, Func<bool, bool, bool> operation)
    {
        var cuts = new List<ExactDecimal>(Cuts.Length + other.Cuts.Length);
        var members = new List<bool>();
        var gaps = new List<Divisibility>();
        int i = 0, j = 0;
        while (true)
        {
            if (Gaps[i].Combine(other.Gaps[j], operation) is not { } gap)
            {
                return null;
            }
            // A cut that changes nothing goes: equal sets then have equal cuts.
            if (cuts.Count > 0 && gaps[^1].Equals(gap) && gap.Holds(cuts[^1]) == members[^1])
            {
                cuts.RemoveAt(cuts.Count - 1);
                members.RemoveAt(members.Count - 1);
                gaps.RemoveAt(gaps.Count - 1);
            }
            gaps.Add(gap);
            if (i == Cuts.Length && j == other.Cuts.Length)
            {
                return new NumberLine([.. cuts], [.. members], [.. gaps]);
            }
            var order = i == Cuts.Length ? 1 : j == other.Cuts.Length ? -1 : Cuts[i].CompareTo(other.Cuts[j]);
            var cut = order <= 0 ? Cuts[i] : other.Cuts[j];
            cuts.Add(cut);
            members.Add(operation(
                order <= 0 ? Members[i] : Gaps[i].Holds(cut),
                order >= 0 ? other.Members[j] : other.Gaps[j].Holds(cut)));
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
    }

    public bool Equals(NumberLine? other) => other is not null
        && (ReferenceEquals(this, other) || (Cuts.AsSpan().SequenceEqual(other.Cuts)
            && Members.AsSpan().SequenceEqual(other.Members) && Gaps.AsSpan().SequenceEqual(other.Gaps)));

    public override bool Equals(object? obj) => Equals(obj as NumberLine);

    public override int GetHashCode()
    {
        if (_hash == 0)
        {
            var hash = new HashCode();
            foreach (var cut in Cuts)
            {
                hash.Add(cut);
            }
            foreach (var gap in Gaps)
            {
                hash.Add(gap);
            }
            _hash = Math.Max(1, hash.ToHashCode() & int.MaxValue);
        }
        return _hash;
    }
}
