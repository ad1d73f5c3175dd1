using System.Text;
using Cluster.Grammar.Automata.Numbers;

namespace Cluster.Grammar.Automata;

/// <summary>A set of JSON numbers by their exact decimal value: an immutable value with equality by content.</summary>
public sealed class NumberLanguage : IEquatable<NumberLanguage>
{
    /// <summary>Most digits on one side of the point, whatever bounds and divisors ask for.</summary>
    private const int DigitsCap = 4_096;

    private static readonly LeafCache<(NumberLine, Spelling, int), ByteDfa> Automata = LeafCache<(NumberLine, Spelling, int), ByteDfa>.Shared(64, static dfa => 1_024 + dfa.Bytes);

    private readonly NumberLine _line;

    private NumberLanguage(NumberLine line) => _line = line;

    public static NumberLanguage All { get; } = new(NumberLine.All);

    public static NumberLanguage None { get; } = new(NumberLine.None);

    /// <summary>Numbers without a fractional part, however they are written: 1.0 and 1e2 are integers.</summary>
    public static NumberLanguage Integer { get; } = new(NumberLine.MultipleOf(ExactDecimal.Of(1, 0)));

    /// <summary>Numbers between two bounds in JSON's spelling; null leaves a side open.</summary>
    /// <exception cref="FormatException">A bound is no JSON number.</exception>
    public static NumberLanguage Range(string? min, string? max, bool minExclusive = false, bool maxExclusive = false) =>
        new(NumberLine.Range(min is null ? null : Parse(min), minExclusive, max is null ? null : Parse(max), maxExclusive));

    /// <summary>Whole multiples of a positive number.</summary>
    /// <exception cref="FormatException">The divisor is no JSON number, or not positive.</exception>
    public static NumberLanguage MultipleOf(string divisor) =>
        Parse(divisor) is { Mantissa.Sign: > 0 } positive
            ? new(NumberLine.MultipleOf(positive))
            : throw new FormatException($"{divisor} is not positive.");

    /// <summary>Listed numbers; one whose exponent has more digits than any text that is written is left out.</summary>
    public static NumberLanguage Literals(IEnumerable<string> numbers) => new(NumberLine.List([.. numbers.Select(Parse).Where(static value => !value.IsClamped)]));

    /// <summary>Null if the result would depend on more than six divisors.</summary>
    public NumberLanguage? And(NumberLanguage other) => Wrap(_line.Combine(other._line, static (a, b) => a && b));

    /// <inheritdoc cref="And"/>
    public NumberLanguage? Or(NumberLanguage other) => Wrap(_line.Combine(other._line, static (a, b) => a || b));

    /// <summary>All other numbers.</summary>
    public NumberLanguage Not() => new(_line.Not());

    public Answer IsEmpty(Fuel fuel)
    {
        if (!fuel.TrySpend(_line.Cuts.Length + 1))
        {
            return Answer.OutOfFuel;
        }
        for (var i = 0; i <= _line.Cuts.Length; i++)
        {
            if ((i < _line.Cuts.Length && _line.Members[i]) || (!_line.Gaps[i].IsNever && !GridSearch.IsGapEmpty(_line, i)))
            {
                return Answer.No;
            }
        }
        return Answer.Yes;
    }

    /// <summary>All the numbers in canonical spelling, ascending, if there are at most <paramref name="max"/>; <see cref="Answer.No"/> if there are more.</summary>
    public Answer TryEnumerate(int max, Fuel fuel, out IReadOnlyList<string> numbers)
    {
        var answer = LineEnumeration.TryList(_line, max, fuel, out var values);
        numbers = [.. values.Select(value => value.ToText(40))];
        return answer;
    }

    /// <summary>How much there is to combine.</summary>
    internal int Size => _line.Cuts.Length + 1;

    public bool Contains(string number) => _line.Contains(Parse(number));

    /// <summary>
    /// The written numbers. Under <see cref="Spelling.Any"/> every JSON spelling with at most <paramref name="digitsMax"/> digits on each side of the
    /// point and three in the exponent. Under <see cref="Spelling.Canonical"/> no exponent and no "-0"; a fraction only if the language holds
    /// numbers that are no integers, and then with trailing zeros allowed (a price of 19.90 is written so: forbidding the zero would not shorten
    /// it but force another digit); a finite list has one spelling each, the one of JSON.stringify, with an exponent where the digits would be too many.
    /// Where a bound or divisor lies beyond <paramref name="digitsMax"/> digits and nothing could be written, the digits are raised to reach it.
    /// </summary>
    public ByteDfa ToDfa(Spelling spelling, int digitsMax)
    {
        var key = (_line, spelling, digitsMax);
        return Automata.TryGet(key, out var known) ? known : Automata.Add(key, Build(spelling, digitsMax));
    }

    public bool Equals(NumberLanguage? other) => other is not null && _line.Equals(other._line);

    public override bool Equals(object? obj) => Equals(obj as NumberLanguage);

    public override int GetHashCode() => _line.GetHashCode();

    private ByteDfa Build(Spelling spelling, int digitsMax)
    {
        var exponents = spelling == Spelling.Any;
        if (!exponents && _line.IsFiniteList)
        {
            var members = _line.Cuts.Where((_, index) => _line.Members[index]);
            return new TextTrieDfa(members.Select(value => Encoding.ASCII.GetBytes(value.ToText(digitsMax))));
        }
        var hasFractions = exponents || And(Integer.Not()) is not { } fractions || fractions.IsEmpty(new Fuel(long.MaxValue)) == Answer.No;
        var dfa = new NumberDfa(new NumberMachine(_line, new NumberWriting(digitsMax, hasFractions ? digitsMax : 0, exponents)));
        if (dfa.Start != ByteDfa.Dead || IsEmpty(new Fuel(long.MaxValue)) == Answer.Yes)
        {
            return dfa;
        }
        var marks = _line.Cuts.Concat(_line.Gaps.SelectMany(gap => gap.Divisors)).ToArray();
        var whole = Math.Max(digitsMax, marks.Max(mark => mark.Magnitude) + 1);
        var fraction = hasFractions ? Math.Max(digitsMax, 1 - marks.Min(mark => mark.Exponent)) : 0;
        return new NumberDfa(new NumberMachine(_line, new NumberWriting(Math.Min(whole, DigitsCap), Math.Min(fraction, DigitsCap), exponents)));
    }

    private static NumberLanguage? Wrap(NumberLine? line) => line is null ? null : new NumberLanguage(line);

    private static ExactDecimal Parse(string number) =>
        ExactDecimal.TryParse(number, out var value) ? value : throw new FormatException($"{number} is no JSON number.");
}
