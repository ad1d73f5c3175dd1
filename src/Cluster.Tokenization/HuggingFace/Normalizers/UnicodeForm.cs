using System.Text;
using Cluster.Tokenization.Patterns;

namespace Cluster.Tokenization.HuggingFace.Normalizers;

/// <summary>The normalization forms NFC, NFD, NFKC and NFKD of UAX #15.</summary>
/// <remarks>1. Decompose. 2. Sort marks by combining class. 3. Compose, for the C forms.</remarks>
internal static class UnicodeForm
{
    private const int HangulFirst = 0xAC00, HangulCount = 11172, LeadFirst = 0x1100, VowelFirst = 0x1161, TrailFirst = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TrailCount = 28;

    public static string Apply(string text, bool compose, bool compatible)
    {
        // Below U+0300 nothing composes, and only Latin-1's upper half and Latin Extended decompose.
        char unchangedBelow = compose && !compatible ? '\u0300' : '\u00A0';
        int start = text.AsSpan().IndexOfAnyExceptInRange('\0', (char)(unchangedBelow - 1));
        if (start < 0) return text;
        // The code point before the first interesting one may compose with it.
        if (start > 0) start--;

        var points = new List<int>(text.Length - start + 16);
        UnicodeTables tables = UnicodeTables.Instance;
        for (int i = start, length; i < text.Length; i += length) Decompose(CodePoints.At(text, i, out length), compatible, tables, points);
        SortMarks(points, tables);
        if (compose) Compose(points, tables);

        var result = new StringBuilder(text.Length).Append(text, 0, start);
        foreach (int point in points) AppendPoint(result, point);
        return result.ToString();
    }

    public static void AppendPoint(StringBuilder builder, int codePoint)
    {
        if (codePoint <= 0xFFFF) builder.Append((char)codePoint);
        else builder.Append((char)(0xD7C0 + (codePoint >> 10))).Append((char)(0xDC00 + (codePoint & 0x3FF)));
    }

    private static void Decompose(int point, bool compatible, UnicodeTables tables, List<int> points)
    {
        int syllable = point - HangulFirst;
        if ((uint)syllable < HangulCount)
        {
            points.Add(LeadFirst + syllable / (VowelCount * TrailCount));
            points.Add(VowelFirst + syllable % (VowelCount * TrailCount) / TrailCount);
            if (syllable % TrailCount != 0) points.Add(TrailFirst + syllable % TrailCount);
        }
        else if (tables.Decompose(point, compatible) is { } parts)
        {
            points.AddRange(parts);
        }
        else
        {
            points.Add(point);
        }
    }

    private static void SortMarks(List<int> points, UnicodeTables tables)
    {
        for (int i = 0; i < points.Count; i++)
        {
            if (tables.ClassOf(points[i]) == 0) continue;
            int end = i + 1;
            while (end < points.Count && tables.ClassOf(points[end]) != 0) end++;
            if (end - i > 1)
            {
                int[] sorted = [.. points[i..end].OrderBy(tables.ClassOf)];
                for (int k = 0; k < sorted.Length; k++) points[i + k] = sorted[k];
            }
            i = end;
        }
    }

    private static void Compose(List<int> points, UnicodeTables tables)
    {
        int starter = -1, written = 0, lastClass = 0;
        for (int i = 0; i < points.Count; i++)
        {
            int point = points[i], pointClass = tables.ClassOf(point);
            bool blocked = starter < 0 || (starter != written - 1 && lastClass >= pointClass);
            if (!blocked && TryCompose(points[starter], point, tables, out int composed))
            {
                points[starter] = composed;
                continue;
            }
            if (pointClass == 0) starter = written;
            lastClass = pointClass;
            points[written++] = point;
        }
        points.RemoveRange(written, points.Count - written);
    }

    private static bool TryCompose(int first, int second, UnicodeTables tables, out int composed)
    {
        int lead = first - LeadFirst, vowel = second - VowelFirst, syllable = first - HangulFirst, trail = second - TrailFirst;
        if ((uint)lead < LeadCount && (uint)vowel < VowelCount)
        {
            composed = HangulFirst + (lead * VowelCount + vowel) * TrailCount;
            return true;
        }
        if ((uint)syllable < HangulCount && syllable % TrailCount == 0 && trail is > 0 and < TrailCount)
        {
            composed = first + trail;
            return true;
        }
        return tables.TryCompose(first, second, out composed);
    }
}
