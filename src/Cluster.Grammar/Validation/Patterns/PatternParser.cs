using System.Globalization;

namespace Cluster.Grammar.Validation.Patterns;

/// <summary>
/// Reads ECMA-262 patterns in Unicode mode. The lenient form also takes what patterns in the wild use and every browser accepts without
/// the u flag: stray brackets and braces, escaped punctuation, a dash beside a class.
/// </summary>
/// <param name="allowsBackReferences">For checking syntax only: a back-reference is read and matches nothing.</param>
internal sealed class PatternParser(string text, bool isStrict, bool allowsBackReferences = false)
{
    private const int DepthMax = 250;
    private const string SyntaxCharacters = "^$\\.*+?()[]{}|/";
    private int _at;
    private int _depth;
    private int _groups;
    private int _highestReference;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _referredNames = new(StringComparer.Ordinal);

    public PatternNode Parse()
    {
        var pattern = ParseChoice();
        if (_at < text.Length) throw new PatternException("The pattern has an unmatched ')'.");
        if (_highestReference > _groups || !_referredNames.IsSubsetOf(_names)) throw new PatternException("A back-reference refers to no group.");
        return pattern;
    }

    private bool IsAtEnd => _at >= text.Length;

    private bool TryTake(string expected)
    {
        if (string.CompareOrdinal(text, _at, expected, 0, expected.Length) != 0) return false;
        _at += expected.Length;
        return true;
    }

    private PatternNode ParseChoice()
    {
        if (++_depth > DepthMax) throw new PatternException("The pattern is nested too deeply.");
        var choices = new List<PatternNode> { ParseSequence() };
        while (TryTake("|")) choices.Add(ParseSequence());
        _depth--;
        return choices.Count == 1 ? choices[0] : new PatternNode.Choice(choices);
    }

    private PatternNode.Sequence ParseSequence()
    {
        var parts = new List<PatternNode>();
        while (!IsAtEnd && text[_at] is not ('|' or ')'))
        {
            var part = ParseTerm();
            bool canRepeat = part is not (PatternNode.TextStart or PatternNode.TextEnd or PatternNode.WordEdge or PatternNode.Look)
                || (!isStrict && part is PatternNode.Look { IsBehind: false });
            parts.Add(ParseQuantifier(part, canRepeat));
        }
        return new PatternNode.Sequence(parts);
    }

    private PatternNode ParseQuantifier(PatternNode part, bool canRepeat)
    {
        int start = _at;
        (int Min, int? Max)? bounds = TryTake("*") ? (0, null) : TryTake("+") ? (1, null) : TryTake("?") ? (0, 1) : TryTakeBraces();
        if (bounds is not { } found) return part;
        if (!canRepeat) throw new PatternException($"Nothing to repeat at {start}.");
        // Laziness changes what is captured, not whether there is a match.
        TryTake("?");
        if (found.Max < found.Min) throw new PatternException("The bounds of a quantifier are out of order.");
        return new PatternNode.Repeat(part, found.Min, found.Max);
    }

    private (int Min, int? Max)? TryTakeBraces()
    {
        int start = _at;
        if (TryTake("{") && TryTakeCount() is { } min)
        {
            if (TryTake("}")) return (min, min);
            if (TryTake(","))
            {
                if (TryTake("}")) return (min, null);
                if (TryTakeCount() is { } max && TryTake("}")) return (min, max);
            }
        }
        _at = start;
        return null;
    }

    private int? TryTakeCount()
    {
        int start = _at;
        while (!IsAtEnd && char.IsAsciiDigit(text[_at])) _at++;
        if (_at == start) return null;
        return int.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : int.MaxValue;
    }

    private PatternNode ParseTerm()
    {
        if (TryTake("^")) return new PatternNode.TextStart();
        if (TryTake("$")) return new PatternNode.TextEnd();
        if (TryTake("\\b")) return new PatternNode.WordEdge(IsNegated: false);
        if (TryTake("\\B")) return new PatternNode.WordEdge(IsNegated: true);
        if (TryTake(".")) return new PatternNode.Points(CodePointSet.LineEnds.Complement());
        if (TryTake("(")) return ParseGroup();
        if (TryTake("[")) return new PatternNode.Points(ParseClass());
        if (TryTake("\\")) return new PatternNode.Points(ParseEscape(isInClass: false));
        char next = text[_at];
        if (next is '*' or '+' or '?') throw new PatternException($"Nothing to repeat at {_at}.");
        if (next is '{' or '}' or ']')
        {
            int start = _at;
            if (isStrict || TryTakeBraces() is not null) throw new PatternException($"A stray '{next}' at {start}.");
        }
        return new PatternNode.Points(Single(TakePoint()));
    }

    private PatternNode ParseGroup()
    {
        PatternNode group;
        if (TryTake("?=")) group = new PatternNode.Look(ParseChoice(), IsBehind: false, IsNegated: false);
        else if (TryTake("?!")) group = new PatternNode.Look(ParseChoice(), IsBehind: false, IsNegated: true);
        else if (TryTake("?<=")) group = new PatternNode.Look(ParseChoice(), IsBehind: true, IsNegated: false);
        else if (TryTake("?<!")) group = new PatternNode.Look(ParseChoice(), IsBehind: true, IsNegated: true);
        else
        {
            bool isCapturing = !TryTake("?:");
            if (isCapturing) _groups++;
            if (isCapturing && TryTake("?<"))
            {
                if (!_names.Add(TakeGroupName())) throw new PatternException("Two groups have one name.");
            }
            else if (isCapturing && !IsAtEnd && text[_at] == '?') throw new PatternException($"An unknown group at {_at}.");
            group = ParseChoice();
        }
        return TryTake(")") ? group : throw new PatternException("The pattern has an unmatched '('.");
    }

    private string TakeGroupName()
    {
        int end = text.IndexOf('>', _at);
        if (end <= _at || !text.AsSpan(_at, end - _at).ToString().All(it => char.IsLetterOrDigit(it) || it is '_' or '$')
            || char.IsAsciiDigit(text[_at]))
        {
            throw new PatternException($"A bad group name at {_at}.");
        }
        string name = text[_at..end];
        _at = end + 1;
        return name;
    }

    /// <summary>A back-reference, where the pattern is only checked for its syntax.</summary>
    private void TakeBackReference(char letter)
    {
        if (!allowsBackReferences) throw new PatternException("Back-references are not supported.");
        if (letter == 'k')
        {
            if (!TryTake("<")) throw new PatternException("\\k needs a group name.");
            _referredNames.Add(TakeGroupName());
            return;
        }
        _at--;
        _highestReference = Math.Max(_highestReference, TryTakeCount() ?? 0);
    }

    private CodePointSet ParseClass()
    {
        bool isNegated = TryTake("^");
        var sets = new List<CodePointSet>();
        while (!TryTake("]"))
        {
            if (IsAtEnd) throw new PatternException("A character class is not closed.");
            var (set, point) = ParseClassAtom();
            if (!IsAtEnd && text[_at] == '-' && _at + 1 < text.Length && text[_at + 1] != ']')
            {
                _at++;
                var (lastSet, last) = ParseClassAtom();
                if (point is { } low && last is { } high)
                {
                    if (high < low) throw new PatternException("A range of a character class is out of order.");
                    sets.Add(CodePointSet.Of((low, high)));
                    continue;
                }
                if (isStrict) throw new PatternException("A range of a character class has a class as its end.");
                sets.AddRange([Single('-'), lastSet]);
            }
            sets.Add(set);
        }
        var union = CodePointSet.Union(sets);
        return isNegated ? union.Complement() : union;
    }

    private (CodePointSet Set, int? Point) ParseClassAtom()
    {
        if (IsAtEnd) throw new PatternException("A character class is not closed.");
        if (!TryTake("\\"))
        {
            int point = TakePoint();
            return (Single(point), point);
        }
        int start = _at;
        var set = ParseEscape(isInClass: true);
        // Classes are written with these letters; every other escape is one code point.
        return (set, text[start] is 'd' or 'D' or 's' or 'S' or 'w' or 'W' or 'p' or 'P' ? null : set.First);
    }

    private CodePointSet ParseEscape(bool isInClass)
    {
        if (IsAtEnd) throw new PatternException("The pattern ends in a backslash.");
        char letter = text[_at++];
        switch (letter)
        {
            case 'd': return CodePointSet.Digits;
            case 'D': return CodePointSet.Digits.Complement();
            case 'w': return CodePointSet.Words;
            case 'W': return CodePointSet.Words.Complement();
            case 's': return CodePointSet.Spaces;
            case 'S': return CodePointSet.Spaces.Complement();
            case 'p': return ParseProperty();
            case 'P': return ParseProperty().Complement();
            case 't': return Single('\t');
            case 'n': return Single('\n');
            case 'v': return Single('\v');
            case 'f': return Single('\f');
            case 'r': return Single('\r');
            case 'b' when isInClass: return Single('\b');
            case '-' when isInClass || !isStrict: return Single('-');
            case '0' when IsAtEnd || !char.IsAsciiDigit(text[_at]): return Single(0);
            case 'c' when !IsAtEnd && char.IsAsciiLetter(text[_at]): return Single(text[_at++] & 31);
            case 'x': return Single(TakeHex(2));
            case 'u': return Single(TakeUnicodeEscape());
            case 'k' or (>= '1' and <= '9') when !isInClass:
                TakeBackReference(letter);
                return CodePointSet.Of();
        }
        _at--;
        int point = TakePoint();
        bool isIdentity = point < 128 && SyntaxCharacters.Contains((char)point, StringComparison.Ordinal);
        if (isIdentity || (!isStrict && !(point < 128 && char.IsAsciiLetterOrDigit((char)point)))) return Single(point);
        throw new PatternException($"An unknown escape '\\{char.ConvertFromUtf32(point)}'.");
    }

    private CodePointSet ParseProperty()
    {
        int end = TryTake("{") ? text.IndexOf('}', _at) : -1;
        if (end < 0) throw new PatternException("\\p needs a property in braces.");
        string name = text[_at..end];
        _at = end + 1;
        return UnicodeProperties.Find(name);
    }

    private int TakeUnicodeEscape()
    {
        if (TryTake("{"))
        {
            int end = text.IndexOf('}', _at);
            if (end <= _at || !int.TryParse(text.AsSpan(_at, end - _at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int point)
                || point is < 0 or > 0x10FFFF)
            {
                throw new PatternException("A bad code point in \\u{…}.");
            }
            _at = end + 1;
            return point;
        }
        int unit = TakeHex(4);
        int start = _at;
        if (char.IsHighSurrogate((char)unit) && TryTake("\\u") && _at + 4 <= text.Length)
        {
            int low = TakeHex(4);
            if (char.IsLowSurrogate((char)low)) return char.ConvertToUtf32((char)unit, (char)low);
        }
        _at = start;
        return unit;
    }

    private int TakeHex(int count)
    {
        if (_at + count > text.Length || !text.AsSpan(_at, count).ToString().All(char.IsAsciiHexDigit))
        {
            throw new PatternException($"{count} hexadecimal digits are missing at {_at}.");
        }
        _at += count;
        return int.Parse(text.AsSpan(_at - count, count), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    private int TakePoint()
    {
        int point = _at + 1 < text.Length && char.IsSurrogatePair(text, _at) ? char.ConvertToUtf32(text, _at) : text[_at];
        _at += point > 0xFFFF ? 2 : 1;
        return point;
    }

    private static CodePointSet Single(int point) => CodePointSet.Of((point, point));
}
