using System.Numerics;
using System.Text;

namespace Cluster.Grammar.Automata.Numbers;

/// <summary>
/// What a number's digits so far can still become: whether a member at all, and by how few bytes. With n further digits and an exponent, digits m
/// become V × 10^(shift − n) with m × 10^n ≤ V &lt; (m + 1) × 10^n. Whether some V makes a member is one question of arithmetic
/// (<see cref="GridSearch"/>), and of the many pairs of n and shift few need be asked:
/// <list type="bullet">
/// <item>a number stays one with a zero more behind it, so for each shift the fewest digits are found by halving;</item>
/// <item>a multiple of a divisor stays one at greater shifts, so where shifts fail they are passed over in strides, up to the next at which the
/// number can meet a cut;</item>
/// <item>no multiple of a divisor without its factors 2 and 5 in reach of n digits: no number in reach, whatever the exponent.</item>
/// </list>
/// </summary>
internal sealed class DigitSearch
{
    private readonly NumberMachine _machine;
    private readonly NumberState _state;
    private readonly NumberSide _side;
    private readonly bool _hasExponents;
    private readonly bool _isFirstEnough;
    private readonly int _wholeRoom;
    private readonly int _fractionRoom;

    // Fewest further digits of any member, of any exponent.
    private int _least;

    // Of the best text found so far.
    private int _bytes = int.MaxValue;
    private int _whole;
    private int _digits;
    private int _shift;

    private DigitSearch(NumberMachine machine, NumberState state, bool isFirstEnough)
    {
        (_machine, _state, _isFirstEnough) = (machine, state, isFirstEnough);
        _side = machine.Side(state);
        _hasExponents = machine.Writing.Exponents;
        (_wholeRoom, _fractionRoom) = machine.Room(state);
    }

    /// <summary>Whether more digits, an exponent or both make the number a member. The state is one between the first digit and the mark of the exponent.</summary>
    public static bool IsLive(NumberMachine machine, NumberState state)
    {
        var search = new DigitSearch(machine, state, isFirstEnough: true);
        if (search.IsPlainlyLive())
        {
            return true;
        }
        search.Run();
        return search._bytes != int.MaxValue;
    }

    /// <summary>A shortest text of at least one byte that makes the number a member; null if there is none.</summary>
    public static string? Shortest(NumberMachine machine, NumberState state)
    {
        var search = new DigitSearch(machine, state, isFirstEnough: false);
        search.Run();
        return search._bytes == int.MaxValue ? null : search.Write();
    }

    // Where nothing bounds the number from above, the greatest that there is room for nearly always are members: all the digits, then the greatest exponent.
    private bool IsPlainlyLive()
    {
        if (_side.HighMagnitude != NumberSide.NoHigh)
        {
            return false;
        }
        var digits = _wholeRoom > 0 ? _wholeRoom : _fractionRoom;
        var places = _wholeRoom - _state.Fraction;
        return (_wholeRoom > 0 && Has(_side.Line, digits, places)) || (_hasExponents && Has(_side.Line, digits, places + ExponentSet.Max));
    }

    // Digits written for nothing but a point that was begun.
    private int DigitsMin => _state.Phase == NumberPhase.Point ? 1 : 0;

    private int DigitsMax => _wholeRoom + _fractionRoom;

    private int ExponentMax => _hasExponents ? ExponentSet.Max : 0;

    private void Run()
    {
        if (_state.Phase == NumberPhase.Point && _state.Mantissa.IsZero && _side.Line.Contains(ExactDecimal.Zero))
        {
            (_bytes, _whole, _digits, _shift) = (1, 0, 1, -_state.Fraction);
            return;
        }
        _least = _side.LeastDigits(_state.Mantissa, DigitsMax);
        if (_least > DigitsMax)
        {
            return;
        }
        // The cheapest shift first, then outwards on both sides: the bytes that a shift costs at least only grow.
        var (low, high) = Shifts();
        var right = Math.Max(low, Math.Min(high, _least - _state.Fraction));
        var left = right - 1;
        while (right <= high || left >= low)
        {
            var isRight = left < low || (right <= high && BytesMin(right) <= BytesMin(left));
            var shift = isRight ? right : left;
            if (BytesMin(shift) >= _bytes)
            {
                return;
            }
            var next = Try(shift) ? isRight ? shift + 1 : shift - 1 : Pass(shift, isRight, low, high);
            if (_isFirstEnough && _bytes != int.MaxValue)
            {
                return;
            }
            (left, right) = isRight ? (left, next) : (next, right);
        }
    }

    // Shifts that digits and exponents can reach and that lead to where the set has numbers.
    private (int Low, int High) Shifts()
    {
        var (low, high) = (-_state.Fraction - ExponentMax, _wholeRoom - _state.Fraction + ExponentMax);
        var length = ExactDecimal.Digits(_state.Mantissa);
        // Digits that are all zeros leave it to the next ones how large the number is.
        var zeros = _state.Mantissa.IsZero ? DigitsMax : 0;
        return (Math.Max(low, _side.LowMagnitude - length), Math.Min(high, _side.HighMagnitude - length + zeros));
    }

    // Never more than a text of this shift takes.
    private int BytesMin(int shift)
    {
        var places = shift + _state.Fraction;
        // Without an exponent the digits reach the point; with one they need not, and it has two bytes or more.
        return _least + (places >= 0 && places <= _wholeRoom ? Math.Max(0, Math.Min(places - _least, 2)) : ExponentBytesMin(shift));
    }

    private int ExponentBytesMin(int shift)
    {
        var places = shift + _state.Fraction;
        return ExponentBytes(places < 0 ? places : Math.Max(0, places - _wholeRoom));
    }

    /// <summary>Weighs the shortest text of one shift; false if no digits, as many as could still be of use, make a member there.</summary>
    private bool Try(int shift)
    {
        var wholeMax = Math.Min(_wholeRoom, shift + _state.Fraction + ExponentMax);
        var most = Math.Min(wholeMax + _fractionRoom, _bytes - 1 - ExponentBytesMin(shift));
        if (most < _least)
        {
            return true;
        }
        // A few digits are nearly always enough and keep the arithmetic in one machine word.
        var (low, high) = (_least, Math.Min(_least + 2, most));
        if (!Has(_side.Line, high, shift))
        {
            if (high == most || !Has(_side.Line, most, shift))
            {
                return false;
            }
            (low, high) = (high + 1, most);
        }
        while (low < high && !_isFirstEnough)
        {
            var middle = (low + high) / 2;
            (low, high) = Has(_side.Line, middle, shift) ? (low, middle) : (middle + 1, high);
        }
        for (var whole = wholeMax; whole >= Math.Max(0, shift + _state.Fraction - ExponentMax); whole--)
        {
            Weigh(shift, whole, Math.Max(Math.Max(high, DigitsMin), whole));
        }
        return true;
    }

    private void Weigh(int shift, int whole, int digits)
    {
        if (digits - whole > _fractionRoom)
        {
            return;
        }
        var point = digits > whole && _state.Phase is NumberPhase.Zero or NumberPhase.Whole ? 1 : 0;
        var bytes = digits + point + ExponentBytes(shift + _state.Fraction - whole);
        if (bytes < _bytes)
        {
            (_bytes, _whole, _digits, _shift) = (bytes, whole, digits, shift);
        }
    }

    // The next shift to try after one that failed.
    private int Pass(int shift, bool isRight, int low, int high)
    {
        var step = isRight ? 1 : -1;
        var end = StretchEnd(shift, isRight, low, high);
        if (end == shift)
        {
            return shift + step;
        }
        var digits = Math.Min(DigitsMax, _bytes - 1 - ExponentBytesMin(shift));
        var (growing, shrinking) = isRight ? (_side.Upwards, _side.Downwards) : (_side.Downwards, _side.Upwards);
        if (!Has(shrinking, digits, shift))
        {
            return end + step;
        }
        // In strides twice as long each time, then back by halves: what is near is found soon.
        var (failing, stride) = (shift, 1);
        int holding;
        while (true)
        {
            holding = Math.Abs(end - failing) <= stride ? end : failing + (step * stride);
            if (Has(growing, digits, holding))
            {
                break;
            }
            if (holding == end)
            {
                return end + step;
            }
            (failing, stride) = (holding, stride * 2);
        }
        while (Math.Abs(holding - failing) > 1)
        {
            var middle = (failing + holding) / 2;
            (failing, holding) = Has(growing, digits, middle) ? (failing, middle) : (middle, holding);
        }
        return holding;
    }

    // The last shift from here on at which the number lies in the same gap between cuts; the shift itself if the number can meet a cut there.
    private int StretchEnd(int shift, bool isRight, int low, int high)
    {
        var marks = _side.CutMagnitudes;
        // A number that begins with zeros only has one of many magnitudes.
        var (length, span) = _state.Mantissa.IsZero ? (0, Math.Max(0, DigitsMax - 1)) : (ExactDecimal.Digits(_state.Mantissa), 0);
        // Cut i can be met at shifts marks[i] - length to marks[i] - length + span.
        var index = Array.BinarySearch(marks, shift + length);
        if (index >= 0)
        {
            return shift;
        }
        index = ~index;
        if (index > 0 && marks[index - 1] + span >= shift + length)
        {
            return shift;
        }
        return isRight
            ? index == marks.Length ? high : Math.Min(high, marks[index] - length - 1)
            : index == 0 ? low : Math.Max(low, marks[index - 1] - length + span + 1);
    }

    private bool Has(NumberLine line, int digits, int shift) => Find(line, digits, shift) is not null;

    private BigInteger? Find(NumberLine line, int digits, int shift)
    {
        if (ReferenceEquals(line, NumberLine.All))
        {
            return _state.Mantissa * ExactDecimal.Pow10(digits);
        }
        _machine.CountSearch();
        var power = ExactDecimal.Pow10(digits);
        var first = _state.Mantissa * power;
        return GridSearch.Find(line, first, first + power - 1, shift - digits);
    }

    private string Write()
    {
        var exponent = _shift + _state.Fraction - _whole;
        var text = new StringBuilder();
        if (_digits > 0)
        {
            var further = Find(_side.Line, _digits, _shift)!.Value - (_state.Mantissa * ExactDecimal.Pow10(_digits));
            text.Append(further.ToString().PadLeft(_digits, '0'));
        }
        if (_digits > _whole && _state.Phase is NumberPhase.Zero or NumberPhase.Whole)
        {
            text.Insert(_whole, '.');
        }
        return exponent == 0 ? text.ToString() : text.Append('e').Append(exponent).ToString();
    }

    // Mark, sign and digits.
    private static int ExponentBytes(int exponent)
    {
        var size = Math.Abs(exponent);
        return size == 0 ? 0 : (exponent < 0 ? 2 : 1) + (size < 10 ? 1 : size < 100 ? 2 : 3);
    }
}
