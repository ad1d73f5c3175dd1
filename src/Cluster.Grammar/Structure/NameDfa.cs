using System.Text;
using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Structure;

/// <summary>
/// The spellings of one key after its opening quote, the closing one included. Since the text is known, a state is a place in it and a
/// place within the spelling of one character: nothing is built, and a hundred keys cost a hundred small objects.
/// </summary>
/// <remarks>The general string automata would do, at a table of 1 KiB per character; key choices are remade for every subset of keys that is left.</remarks>
internal sealed class NameDfa : ByteDfa
{
    // Places within a character: on its boundary; bytes of its UTF-8 form read; then escapes.
    private const int Slots = 16, Escape = 4, Hex = 5, PairEscape = 9, PairU = 10, PairHex = 11;

    private readonly Rune[] _text;
    private readonly byte[][] _utf8;
    private readonly bool _oneSpelling;
    private readonly int _closed;

    // Bytes from before each character to the end, in the canonical spelling.
    private readonly int[] _lengths;

    public NameDfa(string text, Spelling spelling)
    {
        _text = [.. text.EnumerateRunes()];
        _utf8 = [.. _text.Select(static x => Encoding.UTF8.GetBytes(x.ToString()))];
        _oneSpelling = spelling == Spelling.Canonical;
        _closed = (_text.Length + 1) * Slots + 1;
        _lengths = new int[_text.Length + 1];
        _lengths[^1] = 1;
        for (int i = _text.Length - 1; i >= 0; i--)
        {
            int scalar = _text[i].Value;
            _lengths[i] = _lengths[i + 1] + (!IsEscaped(scalar) ? _utf8[i].Length : Short(scalar) != '\0' ? 2 : 6);
        }
    }

    public override int Start => 1;

    public override int StateCount => _closed;

    internal override bool EndsWithQuote => true;

    public override long Bytes => 64 + _text.Length * 40L;

    public override bool IsAccepting(int state) => state == _closed;

    public override int LiteralAt(int state) => state == _closed ? 0 : -1;

    public override int Next(int state, byte value)
    {
        if (state is Dead || state == _closed) return Dead;
        int place = (state - 1) / Slots, within = (state - 1) % Slots;
        if (place == _text.Length) return within == 0 && value == '"' ? _closed : Dead;
        int scalar = _text[place].Value;
        if (within == 0 && value == '\\') return !_oneSpelling || IsEscaped(scalar) ? state + Escape : Dead;
        if (within < Escape)
        {
            byte[] utf8 = _utf8[place];
            if (IsEscaped(scalar) || value != utf8[within]) return Dead;
            return within + 1 == utf8.Length ? After(place) : state + 1;
        }
        int first = scalar > 0xFFFF ? 0xD800 + (scalar - 0x10000 >> 10) : scalar;
        switch (within)
        {
            case Escape:
                if (Short(scalar) is not '\0' and var letter && value == letter && (!_oneSpelling || letter != '/')) return After(place);
                return value == 'u' && (!_oneSpelling || Short(scalar) is '\0') ? state + 1 : Dead;
            case < PairEscape:
                if (!IsDigit(value, first, within - Hex)) return Dead;
                return within < Hex + 3 ? state + 1 : scalar > 0xFFFF ? state + 1 : After(place);
            case PairEscape:
                return value == '\\' ? state + 1 : Dead;
            case PairU:
                return value == 'u' ? state + 1 : Dead;
            default:
                if (!IsDigit(value, 0xDC00 + (scalar - 0x10000 & 0x3FF), within - PairHex)) return Dead;
                return within < PairHex + 3 ? state + 1 : After(place);
        }
    }

    public override int ShortestLength(int state)
    {
        if (state == _closed) return 0;
        int length = 0;
        for (; (state - 1) % Slots != 0; length++) state = Next(state, FirstByte(state));
        return length + _lengths[(state - 1) / Slots];
    }

    /// <summary>The least byte that goes on from a live state.</summary>
    private byte FirstByte(int state)
    {
        byte value = 0;
        while (Next(state, value) == Dead) value++;
        return value;
    }

    public override ReadOnlySpan<byte> ShortestCompletion(int state)
    {
        var rest = new List<byte>();
        int place = (state - 1) / Slots, within = (state - 1) % Slots;
        if (state == _closed) return [];
        // Out of the middle of a character byte by byte, then the canonical spelling.
        while (within != 0)
        {
            byte value = FirstByte(state);
            rest.Add(value);
            state = Next(state, value);
            (place, within) = ((state - 1) / Slots, (state - 1) % Slots);
        }
        string tail = string.Concat(_text[place..].Select(static x => x.ToString()));
        rest.AddRange(JsonText.Encode(tail)[1..]);
        return rest.ToArray();
    }

    public override ReadOnlySpan<int> Row(int state)
    {
        var row = new int[256];
        for (int value = 0; value < 256; value++) row[value] = Next(state, (byte)value);
        return row;
    }

    private static int After(int place) => (place + 1) * Slots + 1;

    private static bool IsEscaped(int scalar) => scalar < 0x20 || scalar is '"' or '\\';

    private static char Short(int scalar) => scalar switch
    {
        '"' => '"',
        '\\' => '\\',
        '/' => '/',
        '\b' => 'b',
        '\f' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        _ => '\0',
    };

    private bool IsDigit(byte value, int unit, int index)
    {
        int digit = unit >> 4 * (3 - index) & 0xF;
        char lower = "0123456789abcdef"[digit];
        return value == lower || !_oneSpelling && digit > 9 && value == lower - 'a' + 'A';
    }
}
