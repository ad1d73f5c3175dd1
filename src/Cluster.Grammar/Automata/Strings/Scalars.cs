namespace Cluster.Grammar.Automata.Strings;

/// <summary>Text as Unicode scalar values.</summary>
internal static class Scalars
{
    public static int[] Of(string text)
    {
        var scalars = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            scalars.Add(rune.Value);
        }
        return [.. scalars];
    }
}
