using System.Text;
using Cluster.Tokenization.Patterns;

namespace Cluster.Tokenization.HuggingFace.Normalizers;

/// <summary>Lower case, character by character and without regard to neighbours: a final sigma is a sigma.</summary>
internal static class LowercaseText
{
    public static string Apply(string text)
    {
        StringBuilder? result = null;
        for (int i = 0, length; i < text.Length; i += length)
        {
            int point = CodePoints.At(text, i, out length);
            int lower = CodePoints.ToLower(point);
            // The one character whose lower case is two: I with a dot above.
            bool dotted = point == 0x130;
            if (lower != point || dotted) result ??= new StringBuilder(text.Length).Append(text, 0, i);
            if (dotted) result!.Append("i\u0307");
            else if (result is not null) UnicodeForm.AppendPoint(result, lower);
        }
        return result?.ToString() ?? text;
    }
}
