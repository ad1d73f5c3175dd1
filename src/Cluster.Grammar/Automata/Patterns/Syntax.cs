using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata.Patterns;

internal enum AssertionKind { Start, End, WordBoundary, NoWordBoundary }

/// <summary>A parsed ECMA-262 pattern. What a capture or a greedy mark says does not change the language, so neither is kept.</summary>
internal abstract record Syntax
{
    /// <summary>Holds an assertion or a look-around: then it depends on its surroundings.</summary>
    public virtual bool LooksAround => false;

    /// <summary>Holds <c>^</c>, <c>\b</c> or a look-behind: then it matters what was read before.</summary>
    public virtual bool LooksBehind => false;

    /// <summary>No match is empty.</summary>
    public virtual bool IsNeverEmpty => false;
}

internal sealed record SetSyntax(CodePointSet Set) : Syntax
{
    public override bool IsNeverEmpty => true;
}

internal sealed record SequenceSyntax(IReadOnlyList<Syntax> Items) : Syntax
{
    public override bool LooksAround { get; } = Items.Any(item => item.LooksAround);

    public override bool LooksBehind { get; } = Items.Any(item => item.LooksBehind);

    public override bool IsNeverEmpty { get; } = Items.Any(item => item.IsNeverEmpty);
}

internal sealed record AlternationSyntax(IReadOnlyList<Syntax> Branches) : Syntax
{
    public override bool LooksAround { get; } = Branches.Any(branch => branch.LooksAround);

    public override bool LooksBehind { get; } = Branches.Any(branch => branch.LooksBehind);

    public override bool IsNeverEmpty { get; } = Branches.All(branch => branch.IsNeverEmpty);
}

internal sealed record RepeatSyntax(Syntax Body, int Min, int Max) : Syntax
{
    public override bool LooksAround => Body.LooksAround && Max > 0;

    public override bool LooksBehind => Body.LooksBehind && Max > 0;

    public override bool IsNeverEmpty => Min > 0 && Body.IsNeverEmpty;
}

internal sealed record AssertionSyntax(AssertionKind Kind) : Syntax
{
    public override bool LooksAround => true;

    public override bool LooksBehind => Kind != AssertionKind.End;
}

internal sealed record LookSyntax(Syntax Body, bool IsBehind, bool IsNegative) : Syntax
{
    public override bool LooksAround => true;

    public override bool LooksBehind => IsBehind || Body.LooksBehind;
}
