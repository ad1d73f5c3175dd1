namespace Cluster.Tokenization.Templates.Values;

/// <summary>
/// The order of keys under sort_keys: that of the Unicode collation for ASCII (punctuation, digits, letters; case only breaks ties),
/// code units beyond.
/// </summary>
internal sealed class KeyOrder : IComparer<string>
{
    private const string Ascii = "\t\n\v\f\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789";

    public static KeyOrder Instance { get; } = new();

    public int Compare(string? left, string? right)
    {
        int length = Math.Min(left!.Length, right!.Length);
        for (int i = 0; i < length; i++)
        {
            int difference = Weight(left[i]) - Weight(right[i]);
            if (difference != 0) return difference;
        }
        if (left.Length != right.Length) return left.Length - right.Length;
        // Equal but for case: lower case first.
        return -string.CompareOrdinal(left, right);
    }

    private static int Weight(char c)
    {
        if (char.IsAsciiLetter(c)) return 256 + char.ToLowerInvariant(c);
        int place = Ascii.IndexOf(c);
        return place >= 0 ? place : 512 + c;
    }
}
