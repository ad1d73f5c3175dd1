using System.Text;

namespace Cluster.Tokenization.HuggingFace.Models;

/// <summary>WordPiece: the longest known beginning, then the longest known continuation, and so on; a word with a gap is unknown as a whole.</summary>
internal sealed class WordPieceModel : TokenModel
{
    private readonly byte[] _prefix;
    private readonly int _charsMax;
    private readonly int _unknownId;

    public WordPieceModel(TokenTable table, string unknownToken, string continuingPrefix, int charsMax) : base(table)
    {
        _prefix = Encoding.UTF8.GetBytes(continuingPrefix);
        _charsMax = charsMax;
        _unknownId = table.Find(Encoding.UTF8.GetBytes(unknownToken));
        if (_unknownId < 0) throw TokenizerException.Malformed($"the unknown token \"{unknownToken}\" is not in the vocabulary");
    }

    public override void Encode(ReadOnlySpan<byte> piece, List<int> ids)
    {
        int first = ids.Count;
        if (CountChars(piece) <= _charsMax && TryEncode(piece, ids)) return;
        ids.RemoveRange(first, ids.Count - first);
        ids.Add(_unknownId);
    }

    private bool TryEncode(ReadOnlySpan<byte> piece, List<int> ids)
    {
        byte[] candidate = new byte[_prefix.Length + piece.Length];
        _prefix.CopyTo(candidate, 0);
        for (int start = 0; start < piece.Length;)
        {
            int end = piece.Length, id = -1;
            for (; end > start; end = Step(piece, end))
            {
                piece[start..end].CopyTo(candidate.AsSpan(_prefix.Length));
                int from = start == 0 ? _prefix.Length : 0;
                id = Table.Find(candidate.AsSpan(from, _prefix.Length - from + end - start));
                if (id >= 0) break;
            }
            if (id < 0) return false;
            ids.Add(id);
            start = end;
        }
        return true;
    }

    /// <summary>One character less.</summary>
    private static int Step(ReadOnlySpan<byte> piece, int end)
    {
        do end--;
        while (end > 0 && (piece[end] & 0xC0) == 0x80);
        return end;
    }

    private static int CountChars(ReadOnlySpan<byte> piece)
    {
        int count = 0;
        foreach (byte value in piece)
        {
            if ((value & 0xC0) != 0x80) count++;
        }
        return count;
    }
}
