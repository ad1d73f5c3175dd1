namespace Cluster.Tokenization.HuggingFace;

/// <summary>The printable character that byte-level vocabularies write for each byte, and back.</summary>
internal static class ByteLevelAlphabet
{
    private const int CharsMax = 256 + 68;

    private static readonly char[] CharOfByte = new char[256];
    private static readonly short[] ByteOfChar = new short[CharsMax];

    static ByteLevelAlphabet()
    {
        Array.Fill(ByteOfChar, (short)-1);
        int next = 256;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            CharOfByte[value] = (char)(printable ? value : next++);
            ByteOfChar[CharOfByte[value]] = (short)value;
        }
    }

    public static char ToChar(byte value) => CharOfByte[value];

    /// <summary>The bytes that <paramref name="form"/> (UTF-8) writes; false where it holds a character outside the alphabet.</summary>
    /// <param name="bytes">At least as long as <paramref name="form"/>.</param>
    public static bool TryToBytes(ReadOnlySpan<byte> form, Span<byte> bytes, out int written)
    {
        written = 0;
        for (int i = 0; i < form.Length; i++)
        {
            int c = form[i];
            if (c >= 0x80)
            {
                // The alphabet ends at U+0143: one or two bytes of UTF-8 each.
                if ((c & 0xE0) != 0xC0 || ++i >= form.Length) return false;
                c = ((c & 0x1F) << 6) | (form[i] & 0x3F);
            }
            if (c >= CharsMax || ByteOfChar[c] < 0) return false;
            bytes[written++] = (byte)ByteOfChar[c];
        }
        return true;
    }
}
