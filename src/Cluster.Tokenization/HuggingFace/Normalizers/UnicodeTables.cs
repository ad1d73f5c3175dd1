using System.Globalization;

namespace Cluster.Tokenization.HuggingFace.Normalizers;

/// <summary>
/// Decompositions, combining classes and compositions of Unicode, read once from an embedded table.
/// </summary>
/// <remarks>
/// string.Normalize does nothing where globalization is invariant, as it is on servers and in small containers: token ids would then depend on
/// the machine's settings. So the tables are our own.
/// </remarks>
internal sealed class UnicodeTables
{
    private static readonly Lazy<UnicodeTables> Lazy = new(() => new UnicodeTables());

    private readonly Dictionary<int, byte> _classes = [];
    private readonly Dictionary<int, int[]> _canonical = [];
    private readonly Dictionary<int, int[]> _compatible = [];
    private readonly Dictionary<(int First, int Second), int> _composed = [];

    private UnicodeTables()
    {
        using Stream stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream("unicode-normalization.txt")!;
        using var reader = new StreamReader(stream);
        Span<Range> fields = stackalloc Range[24];
        while (reader.ReadLine() is { } line)
        {
            ReadOnlySpan<char> text = line;
            int count = text.Split(fields, ' ');
            switch (text[0])
            {
                case 'c':
                    ReadClass(text[fields[1]], byte.Parse(text[fields[2]], CultureInfo.InvariantCulture));
                    break;
                case 'd':
                    _canonical[Hex(text[fields[1]])] = HexList(text, fields[2..count]);
                    break;
                case 'k':
                    _compatible[Hex(text[fields[1]])] = HexList(text, fields[2..count]);
                    break;
                case 'p':
                    _composed[(Hex(text[fields[1]]), Hex(text[fields[2]]))] = Hex(text[fields[3]]);
                    break;
            }
        }
    }

    public static UnicodeTables Instance => Lazy.Value;

    public byte ClassOf(int codePoint) => codePoint < 0x300 ? (byte)0 : _classes.GetValueOrDefault(codePoint);

    public int[]? Decompose(int codePoint, bool compatible) =>
        codePoint < 0xA0 ? null
        : compatible && _compatible.TryGetValue(codePoint, out int[]? full) ? full
        : _canonical.GetValueOrDefault(codePoint);

    public bool TryCompose(int first, int second, out int composed) => _composed.TryGetValue((first, second), out composed);

    private void ReadClass(ReadOnlySpan<char> range, byte value)
    {
        int dash = range.IndexOf('-');
        int from = Hex(dash < 0 ? range : range[..dash]);
        int to = dash < 0 ? from : Hex(range[(dash + 1)..]);
        for (int codePoint = from; codePoint <= to; codePoint++) _classes[codePoint] = value;
    }

    private static int Hex(ReadOnlySpan<char> text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static int[] HexList(ReadOnlySpan<char> text, ReadOnlySpan<Range> fields)
    {
        int[] list = new int[fields.Length];
        for (int i = 0; i < list.Length; i++) list[i] = Hex(text[fields[i]]);
        return list;
    }
}
