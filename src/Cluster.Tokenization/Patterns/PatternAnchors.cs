namespace Cluster.Tokenization.Patterns;

/// <summary>Assertions that look at one position only.</summary>
internal static class PatternAnchors
{
    public static bool Hold(AnchorKind kind, ReadOnlySpan<char> text, int position) => kind switch
    {
        AnchorKind.TextStart => position == 0,
        AnchorKind.TextEnd => position == text.Length,
        AnchorKind.TextEndBeforeNewLine => position == text.Length || (position == text.Length - 1 && text[position] == '\n'),
        // Ruby's ^ and $ are always about lines.
        AnchorKind.LineStart => position == 0 || text[position - 1] == '\n',
        AnchorKind.LineEnd => position == text.Length || text[position] == '\n',
        AnchorKind.WordBoundary => IsWordBefore(text, position) != IsWordAt(text, position),
        _ => IsWordBefore(text, position) == IsWordAt(text, position),
    };

    private static bool IsWordAt(ReadOnlySpan<char> text, int position) => position < text.Length && CodePoints.IsWord(CodePoints.At(text, position, out _));

    private static bool IsWordBefore(ReadOnlySpan<char> text, int position) => position > 0 && CodePoints.IsWord(CodePoints.Before(text, position, out _));
}
