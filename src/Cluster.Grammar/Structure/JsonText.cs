using System.Text;

namespace Cluster.Grammar.Structure;

/// <summary>The canonical spelling of a JSON string: UTF-8, escapes only where JSON needs them, the short ones where there are any.</summary>
internal static class JsonText
{
    /// <summary>With quotes.</summary>
    public static byte[] Encode(string text)
    {
        var json = new StringBuilder(text.Length + 2).Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                < ' ' => json.Append("\\u").Append(((int)c).ToString("x4")),
                _ => json.Append(c),
            };
        }
        return Encoding.UTF8.GetBytes(json.Append('"').ToString());
    }
}
