using System.Text;
using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata.Patterns;

/// <summary>The flags <c>i</c> and <c>s</c> of a pattern, applied to what was parsed.</summary>
internal static class CaseFolding
{
    /// <summary>Every pair of code points of which one is the other's simple upper or lower case; ASCII only with ASCII, as ECMA-262 has it.</summary>
    private static readonly Lazy<(int From, int To)[]> Pairs = new(static () =>
    {
        var pairs = new HashSet<(int, int)>();
        for (var codePoint = 0; codePoint < 0x1F000; codePoint++)
        {
            if (!Rune.TryCreate(codePoint, out var rune))
            {
                continue;
            }
            foreach (var other in (ReadOnlySpan<Rune>)[Rune.ToUpperInvariant(rune), Rune.ToLowerInvariant(rune)])
            {
                if (other.Value != codePoint && other.IsAscii == rune.IsAscii)
                {
                    pairs.Add((codePoint, other.Value));
                    pairs.Add((other.Value, codePoint));
                }
            }
        }
        return [.. pairs];
    });

    /// <summary>The set with the other cases of its members.</summary>
    public static CodePointSet Close(CodePointSet set)
    {
        var added = Pairs.Value.Where(pair => set.Contains(pair.From) && !set.Contains(pair.To)).Select(pair => (pair.To, pair.To)).ToList();
        return added.Count == 0 ? set : set.Union(CodePointSet.Of(added));
    }

    /// <param name="syntax">A pattern that does not look around.</param>
    /// <param name="ignoreCase">Flag <c>i</c>; negated classes have to be refused before, since their sets no longer show what was negated.</param>
    /// <param name="dotIsAll">Flag <c>s</c>.</param>
    public static Syntax Apply(Syntax syntax, bool ignoreCase, bool dotIsAll) => syntax switch
    {
        SetSyntax { Set: var set } when ReferenceEquals(set, CharacterClasses.Dot) => dotIsAll ? new SetSyntax(CodePointSet.All) : syntax,
        SetSyntax { Set: var set } => ignoreCase ? new SetSyntax(Close(set)) : syntax,
        SequenceSyntax sequence => new SequenceSyntax([.. sequence.Items.Select(item => Apply(item, ignoreCase, dotIsAll))]),
        AlternationSyntax alternation => new AlternationSyntax([.. alternation.Branches.Select(branch => Apply(branch, ignoreCase, dotIsAll))]),
        RepeatSyntax repeat => repeat with { Body = Apply(repeat.Body, ignoreCase, dotIsAll) },
        _ => syntax,
    };
}
