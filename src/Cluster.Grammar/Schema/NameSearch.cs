using System.Runtime.InteropServices;
using System.Text.Json;

namespace Cluster.Grammar.Schema;

/// <summary>Whether a document's text holds anything that could name a schema below its root: a look at its bytes, before its schemas are read.</summary>
internal static class NameSearch
{
    /// <summary>True if some schema below the root may have an identifier or an anchor; false only when none has.</summary>
    public static bool MayHaveNames(JsonElement root, Dialect dialect)
    {
        if (root.ValueKind != JsonValueKind.Object) return false;
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(root);
        // $anchor, $dynamicAnchor, $recursiveAnchor.
        if (text.IndexOf("nchor\""u8) >= 0) return true;
        string id = dialect == Dialect.Draft4 ? "id" : "$id";
        int own = root.TryGetProperty(id, out _) ? 1 : 0;
        if (Count(text, dialect == Dialect.Draft4 ? "\"id\""u8 : "$id\""u8) > own) return true;
        return HasEscapedLetter(text);
    }

    private static int Count(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        int count = 0;
        for (int at; (at = text.IndexOf(word)) >= 0; text = text[(at + word.Length)..]) count++;
        return count;
    }

    /// <summary>A letter or a dollar sign may be written as an escape, and a name with it.</summary>
    private static bool HasEscapedLetter(ReadOnlySpan<byte> text)
    {
        for (int at; (at = text.IndexOf("\\u00"u8)) >= 0 && at + 4 < text.Length; text = text[(at + 4)..])
        {
            if (text[at + 4] is (byte)'2' or (>= (byte)'4' and <= (byte)'7')) return true;
        }
        return false;
    }
}
