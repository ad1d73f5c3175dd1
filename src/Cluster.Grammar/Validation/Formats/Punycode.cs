using System.Text;

namespace Cluster.Grammar.Validation.Formats;

/// <summary>RFC 3492, without the prefix <c>xn--</c>.</summary>
internal static class Punycode
{
    private const int Base = 36, DigitMin = 1, DigitMax = 26, Skew = 38, Damp = 700, FirstBias = 72, FirstPoint = 128;

    /// <summary>The Unicode label; null if the text encodes none.</summary>
    public static string? Decode(ReadOnlySpan<char> encoded)
    {
        int dash = encoded.LastIndexOf('-');
        var points = new List<int>();
        for (int i = 0; i < dash; i++) points.Add(encoded[i]);
        long point = FirstPoint, index = 0;
        int bias = FirstBias;
        for (int at = dash + 1; at < encoded.Length;)
        {
            long before = index, weight = 1;
            for (int place = Base; ; place += Base)
            {
                if (at >= encoded.Length || DigitOf(encoded[at++]) is not (>= 0 and var digit)) return null;
                index += digit * weight;
                if (index > int.MaxValue) return null;
                int threshold = Math.Clamp(place - bias, DigitMin, DigitMax);
                if (digit < threshold) break;
                weight *= Base - threshold;
                if (weight > int.MaxValue) return null;
            }
            int count = points.Count + 1;
            bias = Adapt(index - before, count, before == 0);
            point += index / count;
            if (point > 0x10FFFF || point is >= 0xD800 and <= 0xDFFF) return null;
            index %= count;
            points.Insert((int)index++, (int)point);
        }
        return string.Concat(points.Select(char.ConvertFromUtf32));
    }

    public static string Encode(string label)
    {
        int[] points = [.. label.EnumerateRunes().Select(rune => rune.Value)];
        var written = new StringBuilder();
        foreach (int ascii in points.Where(it => it < FirstPoint)) written.Append((char)ascii);
        int basic = written.Length, handled = basic;
        if (basic > 0) written.Append('-');
        int point = FirstPoint, bias = FirstBias;
        long delta = 0;
        while (handled < points.Length)
        {
            int next = points.Where(it => it >= point).Min();
            delta += (long)(next - point) * (handled + 1);
            point = next;
            foreach (int other in points)
            {
                if (other < point) delta++;
                if (other != point) continue;
                AppendDelta(written, delta, bias);
                bias = Adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled++;
            }
            delta++;
            point++;
        }
        return written.ToString();
    }

    private static void AppendDelta(StringBuilder written, long delta, int bias)
    {
        for (int place = Base; ; place += Base)
        {
            int threshold = Math.Clamp(place - bias, DigitMin, DigitMax);
            if (delta < threshold) break;
            written.Append(Digit((int)(threshold + (delta - threshold) % (Base - threshold))));
            delta = (delta - threshold) / (Base - threshold);
        }
        written.Append(Digit((int)delta));
    }

    private static int Adapt(long delta, int count, bool isFirst)
    {
        delta = isFirst ? delta / Damp : delta / 2;
        delta += delta / count;
        int bias = 0;
        for (; delta > (Base - DigitMin) * DigitMax / 2; bias += Base) delta /= Base - DigitMin;
        return (int)(bias + (Base - DigitMin + 1) * delta / (delta + Skew));
    }

    private static char Digit(int value) => (char)(value < 26 ? 'a' + value : '0' + value - 26);

    private static int DigitOf(char letter)
        => char.IsAsciiDigit(letter) ? letter - '0' + 26 : char.IsAsciiLetter(letter) ? (letter | 32) - 'a' : -1;
}
