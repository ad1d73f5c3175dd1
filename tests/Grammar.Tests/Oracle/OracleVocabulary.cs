using System.Text;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>Tiny byte-level vocabularies: every byte of an alphabet, and longer tokens that cross whatever JSON separates.</summary>
internal static class OracleVocabulary
{
    private static readonly string[] LongTokens =
    [
        "{\"", "\":", "\",", "\",\"", "\"}", "},", "],", "]}", "}}", "]]", "[[", "{}", "[]", "[1", ",1", ":1", "\"a", "a\"", "\"a\"", "\"a\":", "\"a\":1", "ab",
        "\"ab", "aa", "ba", "1}", "1]", "1,", "10", "11", "0.", ".5", "e1", "1e", "true", "null", "false", "nu", "ll}", "tr", "ue,", "\\u", "\\u00", "0061", "61",
        "\\\"", "\": ", ", ", ", \"", ": 1", "  ", " \"", "\"\"", "\":{", "\":[", "\":\"", "[{\"", "}]", "-1", "b\":1}", "1,\"b\":",
    ];

    /// <param name="alphabet">Single-byte characters.</param>
    public static Vocabulary Of(string alphabet)
    {
        var tokens = alphabet.Distinct().Select(it => it.ToString()).Concat(LongTokens.Where(token => token.All(alphabet.Contains))).Distinct();
        byte[][] bytes = [.. tokens.Select(Encoding.UTF8.GetBytes), [], Encoding.UTF8.GetBytes("</s>")];
        return new Vocabulary(bytes, [], [bytes.Length - 1]);
    }

    /// <summary>Every byte, so that any text can be walked, with the long tokens.</summary>
    public static Vocabulary Full()
    {
        byte[][] bytes = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), .. LongTokens.Select(Encoding.UTF8.GetBytes), Encoding.UTF8.GetBytes("</s>")];
        return new Vocabulary(bytes, [], [bytes.Length - 1]);
    }
}
