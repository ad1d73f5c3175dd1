using System.Globalization;
using System.Numerics;
using System.Text;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Automata.Numbers;

namespace Cluster.Grammar.Tests.Automata;

/// <summary>
/// Divisors of many digits, with and without factors 2 and 5, beside bounds: the shortest completion of a number against a plain search over
/// all digits and exponents, and how much arithmetic a state takes.
/// </summary>
public class GiantDivisorTests
{
    private const int DigitsMax = 40;

    /// <summary>Divisor, least and greatest value.</summary>
    public static TheoryData<string, string?, string?> Cases => new()
    {
        { "123456789012345678901234567890", null, null },
        { "1000000000000000000000000000057", null, null },
        { "590295810358705651741", "1", null },
        { "1267650600228229401496703205376", null, null },
        { "3802951800684688204490109616128", null, null },
        { "2328306436538696289062500000", "5", null },
        { "909494701772928237915039062500", null, "1e36" },
        { "170141183460469231731687303715884105727", null, null },
        { "1e-30", null, null },
        { "1.7e-29", "-1e-12", "1e-12" },
        { "0.000000000000000000000000000123", "3e10", "4e10" },
        { "123456789012345678901234567890", "-5e31", "7e31" },
        { "99999999999999999999999999999989e300", null, null },
        { "7e-290", null, "1e-250" },
        { "32768", "1e200", null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void ShortestCompletion_OfEveryState_IsThatOfAPlainSearch(string divisor, string? min, string? max)
    {
        var dfa = Language(divisor, min, max).ToDfa(Spelling.Any, DigitsMax);
        var random = new Random(5);
        var reference = new PlainSearch(divisor, min, max, DigitsMax);
        for (int i = 0; i < 3; i++)
        {
            var (text, state) = Walk(dfa, random, random.Next(1, 30));
            if (text.Length == 0 || !char.IsAsciiDigit(text[^1]) || text.Contains('e', StringComparison.Ordinal)) continue;
            string completion = Encoding.ASCII.GetString(dfa.ShortestCompletion(state));
            Assert.True(reference.IsMember(text + completion), $"{text} completed by '{completion}'");
            Assert.False(reference.HasShorter(text, completion.Length), $"{text} has a shorter completion than '{completion}'");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ShortestCompletion_OfManyStates_TakesFewSearchesEach(string divisor, string? min, string? max)
    {
        var line = NumberLine.MultipleOf(Parse(divisor)).Combine(
            NumberLine.Range(min is null ? null : Parse(min), false, max is null ? null : Parse(max), false), static (a, b) => a && b)!;
        var machine = new NumberMachine(line, new NumberWriting(DigitsMax, DigitsMax, Exponents: true));
        var dfa = new NumberDfa(machine);
        var random = new Random(6);
        var states = new HashSet<int>();
        for (int i = 0; i < 60; i++)
        {
            var state = dfa.Start;
            for (int length = random.Next(20); length >= 0 && state != ByteDfa.Dead; length--)
            {
                states.Add(state);
                state = Step(dfa, state, random).State;
            }
        }
        foreach (int state in states) Assert.True(dfa.IsAccepting(state) || dfa.ShortestCompletion(state).Length > 0);
        // A state asks for its own completion, and for the life of up to a dozen successors.
        Assert.True(machine.Searches < 600L * states.Count, $"{machine.Searches} searches for {states.Count} states");
    }

    private static NumberLanguage Language(string divisor, string? min, string? max) => NumberLanguage.MultipleOf(divisor).And(NumberLanguage.Range(min, max))!;

    private static ExactDecimal Parse(string number) => ExactDecimal.TryParse(number, out var value) ? value : throw new FormatException(number);

    private static (string Text, int State) Walk(ByteDfa dfa, Random random, int length)
    {
        var (text, state) = (new StringBuilder(), dfa.Start);
        for (int i = 0; i < length; i++)
        {
            var (value, next) = Step(dfa, state, random);
            if (next == ByteDfa.Dead || value == 'e') break;
            text.Append(value);
            state = next;
        }
        return (text.ToString(), state);
    }

    private static (char Value, int State) Step(ByteDfa dfa, int state, Random random)
    {
        var live = "-.0123456789e".Where(value => dfa.Next(state, (byte)value) != ByteDfa.Dead).ToArray();
        if (live.Length == 0) return ('.', ByteDfa.Dead);
        char value = live[random.Next(live.Length)];
        return (value, dfa.Next(state, (byte)value));
    }

    /// <summary>Members by whole numbers alone: V × 10^shift is one if V is a multiple of what the shift leaves of the divisor, and within the bounds.</summary>
    private sealed class PlainSearch(string divisor, string? min, string? max, int digitsMax)
    {
        private readonly (BigInteger Mantissa, int Exponent) _divisor = Read(divisor);

        public bool IsMember(string text)
        {
            var (mantissa, shift) = Read(text);
            return HasMember(mantissa, mantissa, shift);
        }

        /// <summary>Whether digits, a point and an exponent of fewer bytes complete the text.</summary>
        public bool HasShorter(string text, int bytes)
        {
            bool isNegative = text[0] == '-';
            string plain = text.TrimStart('-');
            int point = plain.IndexOf('.', StringComparison.Ordinal);
            int fraction = point < 0 ? 0 : plain.Length - point - 1;
            BigInteger mantissa = Read(plain).Mantissa;
            int wholeRoom = point >= 0 || plain == "0" ? 0 : digitsMax - plain.Length;
            var asked = new HashSet<(int Digits, int Shift)>();
            for (int whole = 0; whole <= Math.Min(wholeRoom, bytes - 1); whole++)
            {
                for (int more = 0; whole + more < bytes && more <= digitsMax - fraction; more++)
                {
                    if (point >= 0 && fraction == 0 && more == 0) continue;
                    int own = whole + more + (more > 0 && point < 0 ? 1 : 0);
                    for (int exponent = -999; exponent <= 999; exponent++)
                    {
                        int size = exponent == 0 ? 0 : 1 + exponent.ToString(CultureInfo.InvariantCulture).Length;
                        int shift = exponent - fraction - more;
                        if (own + size >= bytes || own + size == 0 || !asked.Add((whole + more, shift))) continue;
                        BigInteger power = BigInteger.Pow(10, whole + more);
                        BigInteger low = mantissa * power, high = low + power - 1;
                        if (isNegative ? HasMember(-high, -low, shift) : HasMember(low, high, shift)) return true;
                    }
                }
            }
            return false;
        }

        private bool HasMember(BigInteger low, BigInteger high, int shift)
        {
            if (min is not null) low = BigInteger.Max(low, -Floor(Negated(Read(min)), shift));
            if (max is not null) high = BigInteger.Min(high, Floor(Read(max), shift));
            int places = shift - _divisor.Exponent;
            // No divisor here has more than 200 factors 2 or 5.
            BigInteger step = places < 0
                ? _divisor.Mantissa * BigInteger.Pow(10, -places)
                : _divisor.Mantissa / BigInteger.GreatestCommonDivisor(_divisor.Mantissa, BigInteger.Pow(10, Math.Min(places, 200)));
            BigInteger rest = BigInteger.Remainder(high, step);
            return low <= high && high - (rest.Sign < 0 ? rest + step : rest) >= low;
        }

        private static (BigInteger, int) Negated((BigInteger Mantissa, int Exponent) value) => (-value.Mantissa, value.Exponent);

        // The greatest V with V × 10^shift not above the value.
        private static BigInteger Floor((BigInteger Mantissa, int Exponent) value, int shift)
        {
            int places = value.Exponent - shift;
            if (places >= 0) return value.Mantissa * BigInteger.Pow(10, places);
            BigInteger quotient = BigInteger.DivRem(value.Mantissa, BigInteger.Pow(10, -places), out BigInteger rest);
            return rest.Sign < 0 ? quotient - 1 : quotient;
        }

        private static (BigInteger Mantissa, int Exponent) Read(string text)
        {
            int mark = text.IndexOf('e', StringComparison.Ordinal);
            string plain = mark < 0 ? text : text[..mark];
            int point = plain.IndexOf('.', StringComparison.Ordinal);
            int exponent = (mark < 0 ? 0 : int.Parse(text[(mark + 1)..], CultureInfo.InvariantCulture)) - (point < 0 ? 0 : plain.Length - point - 1);
            return (BigInteger.Parse(plain.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), exponent);
        }
    }
}
