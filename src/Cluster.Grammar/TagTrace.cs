namespace Cluster.Grammar;

/// <summary>
/// A tag that the text so far has opened, and through <see cref="Before"/> those before it: an immutable list, newest first. Offsets count
/// the bytes of the whole text, marker tokens included as they are spelled.
/// </summary>
/// <param name="Tag">Which tag: its place in the structural tag's source, in reading order.</param>
/// <param name="Start">Where its begin string begins.</param>
/// <param name="ContentStart">Where its content begins; -1 while the begin string is not finished.</param>
/// <param name="ContentEnd">Where its content ends; -1 while it is open.</param>
/// <param name="End">Where its end string ends; -1 while it is open.</param>
/// <param name="Before">The tag before it; null for none.</param>
public sealed record TagTrace(int Tag, long Start, long ContentStart, long ContentEnd, long End, TagTrace? Before)
{
    /// <summary>Tags up to and including this one.</summary>
    public int Count { get; } = (Before?.Count ?? 0) + 1;

    public bool IsOpen => End < 0;
}
