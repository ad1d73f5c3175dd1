using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata.Patterns;

/// <summary>Fixed texts inside patterns.</summary>
internal static class LiteralRun
{
    /// <summary>From this length on a run of letters is one trie node instead of a chain.</summary>
    public const int LengthMin = 48;

    /// <summary>From this many branches on, those that are fixed texts become one trie.</summary>
    public const int BranchesMin = 12;

    /// <summary>The longest run of single letters that ends at <paramref name="last"/>.</summary>
    public static int[] EndingAt(IReadOnlyList<Syntax> items, int last)
    {
        var first = last + 1;
        while (first > 0 && LetterOf(items[first - 1]) >= 0)
        {
            first--;
        }
        var run = last + 1 - first >= LengthMin ? new int[last + 1 - first] : [];
        for (var i = 0; i < run.Length; i++)
        {
            run[i] = LetterOf(items[first + i]);
        }
        return run;
    }

    /// <summary>The text that a branch stands for, if it is a fixed one.</summary>
    public static int[]? TextOf(Syntax branch)
    {
        var items = branch is SequenceSyntax sequence ? sequence.Items : [branch];
        var text = new int[items.Count];
        for (var i = 0; i < text.Length; i++)
        {
            if ((text[i] = LetterOf(items[i])) < 0)
            {
                return null;
            }
        }
        return text;
    }

    private static int LetterOf(Syntax item) =>
        item is SetSyntax { Set.Ranges: [var (low, high)] } && low == high ? low : -1;
}
