namespace Cluster.Grammar.Automata.Strings;

/// <summary>Text as Unicode scalar values.</summary>
internal static class Scalars
{
    public static int[] Of(string text)
    {
        var scalars = new int[text.Length];
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            scalars[count++] = rune.Value;
        }
        return count == scalars.Length ? scalars : scalars[..count];
    }
}
