namespace Cluster.Grammar.Automata.Numbers;

/// <summary>
/// A Boolean condition on which of at most six divisors divide a number: a truth table of 64 bits. And, Or and Not are then bit operations,
/// and there is nothing to normalise but divisors that do not matter.
/// </summary>
internal sealed record Divisibility
{
    public const int DivisorsMax = 6;

    public static readonly Divisibility Always = new([], 1);
    public static readonly Divisibility Never = new([], 0);

    private Divisibility(ExactDecimal[] divisors, ulong table) => (Divisors, Table) = (divisors, table);

    /// <summary>Ascending, positive.</summary>
    public ExactDecimal[] Divisors { get; }

    /// <summary>Bit r: the condition holds if exactly the divisors whose bits are set in r divide the number.</summary>
    public ulong Table { get; }

    public bool IsNever => Table == 0;

    public static Divisibility MultipleOf(ExactDecimal divisor) => new([divisor.Abs()], 0b10);

    public Divisibility Not() => Simplify(Divisors, ~Table & Rows(Divisors.Length));

    /// <summary>Null if the two together have too many divisors.</summary>
    public Divisibility? Combine(Divisibility other, Func<bool, bool, bool> operation)
    {
        ExactDecimal[] divisors = other.Divisors.Length == 0 ? Divisors : Divisors.Length == 0 ? other.Divisors : [.. Divisors.Union(other.Divisors).Order()];
        if (divisors.Length > DivisorsMax)
        {
            return null;
        }
        var table = 0UL;
        for (var row = 0; row < 1 << divisors.Length; row++)
        {
            if (operation(Holds(divisors, row), other.Holds(divisors, row)))
            {
                table |= 1UL << row;
            }
        }
        return Simplify(divisors, table);
    }

    /// <summary>The least weaker condition that stays true when more divisors divide.</summary>
    public Divisibility Upwards() => Close(static (table, width, rows) => table | ((table & ~rows) << width));

    /// <summary>The least weaker condition that stays true when fewer divisors divide.</summary>
    public Divisibility Downwards() => Close(static (table, width, rows) => table | ((table & rows) >> width));

    public bool Holds(ExactDecimal value)
    {
        var row = 0;
        for (var i = 0; i < Divisors.Length; i++)
        {
            row |= value.IsMultipleOf(Divisors[i]) ? 1 << i : 0;
        }
        return (Table >> row & 1) != 0;
    }

    public bool Equals(Divisibility? other) =>
        other is not null && Table == other.Table && Divisors.AsSpan().SequenceEqual(other.Divisors);

    public override int GetHashCode() => HashCode.Combine(Table, Divisors.Length);

    // One divisor after the other: the rows in which it divides lie 2^i above those in which it does not.
    private Divisibility Close(Func<ulong, int, ulong, ulong> close)
    {
        var table = Table;
        for (var i = 0; i < Divisors.Length; i++)
        {
            var dividing = 0UL;
            for (var row = 0; row < 1 << Divisors.Length; row++)
            {
                dividing |= (ulong)(row >> i & 1) << row;
            }
            table = close(table, 1 << i, dividing);
        }
        return Simplify(Divisors, table);
    }

    private bool Holds(ExactDecimal[] divisors, int row)
    {
        var own = 0;
        for (var i = 0; i < Divisors.Length; i++)
        {
            own |= (row >> Array.IndexOf(divisors, Divisors[i]) & 1) << i;
        }
        return (Table >> own & 1) != 0;
    }

    private static ulong Rows(int divisors) => divisors == DivisorsMax ? ulong.MaxValue : (1UL << (1 << divisors)) - 1;

    // Divisors without influence go.
    private static Divisibility Simplify(ExactDecimal[] divisors, ulong table)
    {
        for (var i = divisors.Length - 1; i >= 0; i--)
        {
            if (!Matters(divisors.Length, table, i))
            {
                var smaller = 0UL;
                for (var row = 0; row < 1 << (divisors.Length - 1); row++)
                {
                    var full = ((row >> i) << (i + 1)) | (row & ((1 << i) - 1));
                    smaller |= (table >> full & 1) << row;
                }
                divisors = [.. divisors[..i], .. divisors[(i + 1)..]];
                table = smaller;
            }
        }
        return divisors.Length == 0 ? (table == 0 ? Never : Always) : new Divisibility(divisors, table);
    }

    private static bool Matters(int divisors, ulong table, int index)
    {
        for (var row = 0; row < 1 << divisors; row++)
        {
            if ((table >> row & 1) != (table >> (row ^ (1 << index)) & 1))
            {
                return true;
            }
        }
        return false;
    }
}
