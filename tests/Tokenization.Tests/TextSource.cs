using System.Globalization;
using System.Text;

namespace Cluster.Tokenization.Tests;

/// <summary>
/// Seeded strings that look for trouble: every plane, emoji sequences, marks, white space, digits, code, contractions, special tokens in odd company.
/// </summary>
internal sealed class TextSource(int seed, IReadOnlyList<string> specials, Func<int, bool>? avoid = null)
{
    private static readonly string[] Words =
    [
        "the", "Hello", "WORLD", "it's", "I'LL", "we've", "don't", "they'RE", "naïve", "Straße", "ÜBER", "crêpe", "mañana", "быстрая", "Лиса", "αλεπού", "狐狸", "世界", "こんにちは", "サーバー",
        "안녕하세요", "서버", "السريع", "השועל", "लोमड़ी", "สุนัข", "internationalization", "tokenization", "x", "A", "camelCaseWord", "HTTPServer2", "snake_case_name", "3.14159", "1,234,567", "0xFF", "e\u0301", "\u1100\u1161\u11A8",
        "ﬁne", "①②③", "½", "Ⅷ", "٣٤٥", "१२३", "𝔘𝔫𝔦", "𐐷𐐯", "𠮷野家", "🏳️‍🌈", "👩‍👩‍👧‍👦", "🇩🇪", "👍🏽", "❤️", "#️⃣", "e\u0301\u0323", "\u0344", "Å", "Ω", "dž",
    ];

    private static readonly string[] Code =
    [
        "{\"name\": \"Ada\", \"age\": 36}", "for (int i = 0; i < n; i++) {", "    return x ** 2;\n", "\t\tif (a && b || !c)", "<div class=\"a\">&nbsp;</div>", "SELECT * FROM t WHERE a>=1;", "// comment\r\n", "#!/bin/sh\n",
        "a/b/c.txt", "https://example.org/?q=1&r=%20#x", "C:\\dir\\file", "->", "=>", "::", "...", "'''", "\"\"\"", "``", "''", "((([[[{{{", "!!!???", "$100.00", "user@example.org", "@decorator", "__init__", "\\n", "\\u00e9",
    ];

    private static readonly string[] Spaces = [" ", " ", " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", "\r", " \n", "\n ", "\t\t ", "\u00A0", "\u3000", "\u2003", "\u2028", "\u200B", "\u200D", "\u1680", "\u202F", "\v", "\f", "\n\n\n\n", "        "];

    private readonly Random _random = new(seed);

    public string Next()
    {
        var text = new StringBuilder();
        for (int parts = _random.Next(0, _random.Next(4) == 0 ? 40 : 8); parts >= 0; parts--) text.Append(Part());
        return text.ToString();
    }

    private string Part() => _random.Next(20) switch
    {
        < 6 => Pick(Words),
        < 10 => Pick(Spaces),
        < 12 => Pick(Code),
        < 13 => specials.Count > 0 ? Pick(specials) : " ",
        < 14 => string.Concat(Enumerable.Repeat(Pick(Spaces), _random.Next(1, 12))),
        < 15 => _random.Next().ToString(CultureInfo.InvariantCulture)[..1] + _random.Next(0, 1_000_000).ToString(CultureInfo.InvariantCulture),
        < 16 => string.Concat(Enumerable.Repeat(Pick(Words), _random.Next(1, 4))),
        _ => Points(_random.Next(1, 6)),
    };

    private string Points(int count)
    {
        var text = new StringBuilder();
        int block = Block();
        while (count-- > 0)
        {
            int point = _random.Next(3) == 0 ? Block() + _random.Next(256) : block + _random.Next(256);
            if (IsSafe(point)) text.Append(char.ConvertFromUtf32(point));
        }
        return text.ToString();
    }

    private int Block() => 256 * (_random.Next(6) switch
    {
        0 => 0,
        1 => _random.Next(0, 0x30),
        2 => _random.Next(0, 0x100),
        3 => _random.Next(0x1F0, 0x1FB),
        4 => _random.Next(0x100, 0x320),
        _ => _random.Next(0, 0x1100),
    });

    /// <summary>
    /// Unassigned code points may be assigned in the other side's version of Unicode. U+0295 changed its category in Unicode 17. The Kelvin sign and the
    /// long s match "(?i:k)" and "(?i:s)" in Oniguruma, as here, but not in the npm port.
    /// </summary>
    private bool IsSafe(int point) => point <= 0x10FFFF && point is not ((>= 0xD800 and <= 0xDFFF) or 0x295 or 0x17F or 0x212A)
        && CharUnicodeInfo.GetUnicodeCategory(point) != UnicodeCategory.OtherNotAssigned && avoid?.Invoke(point) != true;

    private string Pick(IReadOnlyList<string> from)
    {
        string picked = from[_random.Next(from.Count)];
        return avoid is not null && picked.EnumerateRunes().Any(rune => avoid(rune.Value)) ? "x" : picked;
    }
}
