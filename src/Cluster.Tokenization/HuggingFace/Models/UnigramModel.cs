using System.Buffers;
using System.Text;

namespace Cluster.Tokenization.HuggingFace.Models;

/// <summary>Unigram: the segmentation with the greatest sum of log probabilities, found left to right (Viterbi).</summary>
internal sealed class UnigramModel : TokenModel
{
    /// <summary>How much less likely than the least likely piece an unknown character is.</summary>
    private const double UnknownPenalty = 10;

    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int _unknownId;
    private readonly int[]? _byteIds;
    private readonly ByteTrie _trie = new();

    /// <param name="isPiece">Which ids text may become; null is all.</param>
    public UnigramModel(TokenTable table, double[] scores, int unknownId, bool byteFallback, Func<int, bool>? isPiece = null) : base(table)
    {
        _scores = scores;
        _unknownId = unknownId;
        _unknownScore = scores.Min() - UnknownPenalty;
        for (int id = 0; id < scores.Length; id++)
        {
            if (table.FormOf(id).Length > 0 && (isPiece is null || isPiece(id))) _trie.Add(table.FormOf(id), id);
        }
        if (byteFallback) _byteIds = [.. Enumerable.Range(0, 256).Select(value => table.Find(Encoding.UTF8.GetBytes($"<0x{value:X2}>")))];
    }

    public override void Encode(ReadOnlySpan<byte> piece, List<int> ids)
    {
        Node[] rented = ArrayPool<Node>.Shared.Rent(piece.Length + 1);
        Span<Node> nodes = rented.AsSpan(0, piece.Length + 1);
        nodes.Fill(new Node(0, -1, -1));
        Search(piece, nodes);
        Append(piece, nodes, ids);
        ArrayPool<Node>.Shared.Return(rented);
    }

    private void Search(ReadOnlySpan<byte> piece, Span<Node> nodes)
    {
        for (int start = 0, length; start < piece.Length; start += length)
        {
            length = BytePairModel.Utf8LengthAt(piece, start);
            double here = nodes[start].Score;
            bool hasSingle = false;
            int node = 0;
            for (int end = start; end < piece.Length && _trie.TryStep(ref node, piece[end], out int id); end++)
            {
                if (id < 0) continue;
                nodes[end + 1].Offer(here + _scores[id], start, id);
                hasSingle |= end + 1 - start == length;
            }
            if (!hasSingle) nodes[start + length].Offer(here + _unknownScore, start, _unknownId);
        }
    }

    /// <summary>Walks back from the end; neighbouring unknown characters are one unknown token.</summary>
    private void Append(ReadOnlySpan<byte> piece, Span<Node> nodes, List<int> ids)
    {
        int first = ids.Count;
        for (int end = piece.Length; end > 0;)
        {
            Node node = nodes[end];
            int start = node.Start;
            if (node.Id == _unknownId)
            {
                while (start > 0 && nodes[start].Id == _unknownId) start = nodes[start].Start;
                AppendUnknown(piece[start..end], ids);
            }
            else
            {
                ids.Add(node.Id);
            }
            end = start;
        }
        ids.Reverse(first, ids.Count - first);
    }

    private void AppendUnknown(ReadOnlySpan<byte> text, List<int> ids)
    {
        bool hasBytes = _byteIds is not null;
        for (int i = 0; i < text.Length && hasBytes; i++) hasBytes = _byteIds![text[i]] >= 0;
        if (!hasBytes)
        {
            if (_unknownId >= 0) ids.Add(_unknownId);
            return;
        }
        for (int i = text.Length - 1; i >= 0; i--) ids.Add(_byteIds![text[i]]);
    }

    /// <summary>The best way to end at one place: its score, where its last piece starts, and which piece that is.</summary>
    private record struct Node(double Score, int Start, int Id)
    {
        public void Offer(double score, int start, int id)
        {
            if (Start < 0 || score > Score) this = new Node(score, start, id);
        }
    }
}
