namespace Cluster.Grammar.Validation.Formats;

/// <summary>A cursor for the small hand-written readers of formats.</summary>
internal ref struct TextScanner(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _at;

    public readonly bool IsAtEnd => _at == _text.Length;

    public readonly char Next => IsAtEnd ? '\0' : _text[_at];

    public bool TryTake(char expected)
    {
        if (IsAtEnd || _text[_at] != expected) return false;
        _at++;
        return true;
    }

    public bool TryTakeEither(char lower, char upper) => TryTake(lower) || TryTake(upper);

    /// <summary>Exactly <paramref name="count"/> ASCII digits.</summary>
    public bool TryTakeNumber(int count, out int value)
    {
        value = 0;
        if (_at + count > _text.Length) return false;
        for (int i = 0; i < count; i++)
        {
            char digit = _text[_at + i];
            if (!char.IsAsciiDigit(digit)) return false;
            value = value * 10 + (digit - '0');
        }
        _at += count;
        return true;
    }

    /// <summary>One ASCII digit or more.</summary>
    public bool TryTakeDigits()
    {
        int start = _at;
        while (!IsAtEnd && char.IsAsciiDigit(_text[_at])) _at++;
        return _at > start;
    }
}
