namespace Cluster.Grammar.Tests.Oracle;

/// <summary>Random ECMA-262 patterns over few letters, so that they often match short texts.</summary>
internal sealed class RandomPattern(Random random)
{
    public string Next()
    {
        string pattern = Choice(3);
        if (random.Next(3) == 0) pattern = "^" + pattern;
        if (random.Next(3) == 0) pattern += "$";
        return pattern;
    }

    private string Choice(int depth) => string.Join('|', Enumerable.Range(0, random.Next(4) == 0 ? 2 : 1).Select(_ => Sequence(depth)));

    private string Sequence(int depth) => string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Term(depth)));

    private string Term(int depth)
    {
        switch (random.Next(14))
        {
            case 0 when depth > 0: return $"(?={Choice(depth - 1)})";
            case 1 when depth > 0: return $"(?!{Choice(depth - 1)})";
            case 2 when depth > 0: return $"(?<={Choice(depth - 1)})";
            case 3 when depth > 0: return $"(?<!{Choice(depth - 1)})";
            case 4: return random.Next(2) == 0 ? "\\b" : "\\B";
            case 5: return random.Next(2) == 0 ? "^" : "$";
        }
        string atom = random.Next(8) switch
        {
            0 when depth > 0 => $"({Choice(depth - 1)})",
            1 when depth > 0 => $"(?:{Choice(depth - 1)})",
            2 => One(".", "\\w", "\\W", "\\d", "\\s", "\\S", "\\D"),
            3 => One("[ab]", "[^a]", "[a-c-]", "[^\\w]", "[\\d-]", "[]", "[^]"),
            _ => One("a", "b", "c", "-", "\\.", "1", "é"),
        };
        return atom + (random.Next(3) > 0 ? "" : One("*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}", "*?", "+?"));
    }

    private string One(params string[] list) => list[random.Next(list.Length)];
}
