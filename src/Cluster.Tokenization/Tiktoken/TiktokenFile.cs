using System.Buffers;
using System.Buffers.Text;

namespace Cluster.Tokenization.Tiktoken;

/// <summary>
/// A tiktoken rank file: one token a line, its bytes in base64, a space, its rank. The rank is the token's id and the order of its merge.
/// Word pattern and special tokens are not in the file, see <see cref="TiktokenEncoding"/>.
/// </summary>
internal static class TiktokenFile
{
    /// <param name="ranksMax">Most ids; see <see cref="TokenizerOptions.VocabularySizeMax"/>.</param>
    /// <returns>Tokens in ascending order of rank. Ranks may have gaps; every single byte is a token.</returns>
    /// <exception cref="TokenizerException">The bytes are no such file.</exception>
    public static List<(int Rank, byte[] Bytes)> Read(ReadOnlySpan<byte> file, int ranksMax)
    {
        var tokens = new List<(int Rank, byte[] Bytes)>();
        foreach (Range range in file.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = file[range].TrimEnd((byte)'\r');
            if (!line.IsEmpty) tokens.Add(ReadLine(line, ranksMax));
        }
        tokens.Sort((left, right) => left.Rank.CompareTo(right.Rank));
        for (int i = 1; i < tokens.Count; i++)
        {
            if (tokens[i].Rank == tokens[i - 1].Rank) throw TokenizerException.Malformed($"a tiktoken file with rank {tokens[i].Rank} twice");
        }
        var bytes = new HashSet<byte>(tokens.Where(token => token.Bytes.Length == 1).Select(token => token.Bytes[0]));
        return bytes.Count == 256 ? tokens : throw TokenizerException.Malformed("a tiktoken file without a rank for each single byte");
    }

    private static (int Rank, byte[] Bytes) ReadLine(ReadOnlySpan<byte> line, int ranksMax)
    {
        int space = line.IndexOf((byte)' ');
        if (space <= 0) throw TokenizerException.Malformed("a line of the tiktoken file has no rank");
        bool isNumber = Utf8Parser.TryParse(line[(space + 1)..], out int rank, out int used) && used == line.Length - space - 1;
        if (!isNumber || rank < 0 || rank >= ranksMax) throw TokenizerException.Malformed("a rank of the tiktoken file is not a number within VocabularySizeMax");
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(space)];
        bool isBase64 = Base64.DecodeFromUtf8(line[..space], bytes, out _, out int written) == OperationStatus.Done;
        return isBase64 && written > 0 ? (rank, bytes[..written]) : throw TokenizerException.Malformed("a token of the tiktoken file is not base64");
    }
}
