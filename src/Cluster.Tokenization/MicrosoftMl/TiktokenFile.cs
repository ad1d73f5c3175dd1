using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Cluster.Tokenization.MicrosoftMl;

/// <summary>Opens a tiktoken rank file (lines of base64 and rank) with Microsoft.ML.Tokenizers.</summary>
/// <remarks>
/// The package splits text with .NET's regular expressions, over UTF-16: letters beyond the basic plane are not letters to it. A model folder's
/// tokenizer.json, where there is one, is exact there too.
/// </remarks>
public static class TiktokenFile
{
    /// <param name="pattern">The regular expression that cuts text into words; it is not in the file.</param>
    /// <param name="specials">Special tokens and their ids; they are not in the file either.</param>
    /// <param name="endIds">Ids that end a sequence.</param>
    public static PackageTokenizer Load(string path, string pattern, IReadOnlyDictionary<string, int> specials, IReadOnlyList<int> endIds, TokenizerOptions? options = null)
    {
        try
        {
            Dictionary<int, byte[]> ranks = ReadRanks(path);
            var spellings = new byte[ranks.Keys.Concat(specials.Values).DefaultIfEmpty(-1).Max() + 1][];
            Array.Fill(spellings, []);
            foreach ((int rank, byte[] bytes) in ranks) spellings[rank] = bytes;
            foreach ((string token, int id) in specials) spellings[id] = Encoding.UTF8.GetBytes(token);
            using FileStream stream = File.OpenRead(path);
            var words = new RegexPreTokenizer(new Regex(pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant), specialTokens: null);
            TiktokenTokenizer tokenizer = TiktokenTokenizer.Create(stream, words, normalizer: null);
            return new PackageTokenizer(new Vocabulary(spellings, specials.Values, endIds), specials, text => tokenizer.EncodeToIds(text), leadingSpacesDropped: 0, options ?? TokenizerOptions.Default);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException(TokenizerError.FileMissing, $"{path} cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or InvalidOperationException)
        {
            throw new TokenizerException(TokenizerError.FileMalformed, $"{path} is not a tiktoken file: {e.Message}", e);
        }
    }

    private static Dictionary<int, byte[]> ReadRanks(string path)
    {
        var ranks = new Dictionary<int, byte[]>();
        foreach (string line in File.ReadLines(path))
        {
            if (line.Length == 0) continue;
            int space = line.IndexOf(' ');
            if (space < 0) throw new FormatException("a line without a rank");
            ranks[int.Parse(line.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture)] = Convert.FromBase64String(line[..space]);
        }
        return ranks;
    }
}
