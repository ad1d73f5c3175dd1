using System.Text;
using System.Text.Json;
using Cluster.Tokenization.HuggingFace.Models;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>Reads BPE merges in both spellings: "left right" and ["left", "right"].</summary>
internal sealed class MergeReader(TokenTable table, BytePairConfig config)
{
    private readonly int _prefixLength = Encoding.UTF8.GetByteCount(config.ContinuingPrefix);
    private byte[] _form = new byte[512];
    private byte[] _left = new byte[512];
    private byte[] _right = new byte[512];
    private byte[] _joined = new byte[1024];

    public MergeTable Read(ReadOnlySpan<byte> merges)
    {
        var result = new MergeTable(merges.Length / 8 + 16);
        if (merges.Length == 0) return result;
        var reader = new Utf8JsonReader(merges);
        reader.Read();
        for (int rank = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; rank++)
        {
            int left, right;
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                reader.Read();
                left = Take(ReadForm(ref reader), ref _left);
                reader.Read();
                right = Take(ReadForm(ref reader), ref _right);
                reader.Read();
            }
            else
            {
                ReadOnlySpan<byte> form = ReadForm(ref reader);
                int space = form.IndexOf((byte)' ');
                if (space < 0) throw Fail(rank);
                left = Take(form[..space], ref _left);
                right = Take(form[(space + 1)..], ref _right);
            }
            Add(result, rank, _left.AsSpan(0, left), _right.AsSpan(0, right));
        }
        return result;
    }

    private void Add(MergeTable merges, int rank, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (_joined.Length < left.Length + right.Length) _joined = new byte[(left.Length + right.Length) * 2];
        left.CopyTo(_joined);
        ReadOnlySpan<byte> tail = right.Length >= _prefixLength ? right[_prefixLength..] : right;
        tail.CopyTo(_joined.AsSpan(left.Length));
        int leftId = table.Find(left), rightId = table.Find(right), id = table.Find(_joined.AsSpan(0, left.Length + tail.Length));
        if (leftId < 0 || rightId < 0 || id < 0) throw Fail(rank);
        merges.Add(leftId, rightId, rank, id);
    }

    private ReadOnlySpan<byte> ReadForm(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String) throw TokenizerException.Malformed("a merge is neither a string nor a pair of strings");
        if (reader.ValueSpan.Length > _form.Length) _form = new byte[reader.ValueSpan.Length * 2];
        return _form.AsSpan(0, reader.CopyString(_form));
    }

    /// <summary>Copies a form, with the byte-level alphabet undone where the table holds bytes.</summary>
    private int Take(ReadOnlySpan<byte> form, ref byte[] target)
    {
        if (form.Length > target.Length) target = new byte[form.Length * 2];
        if (config.ByteLevel && ByteLevelAlphabet.TryToBytes(form, target, out int written)) return written;
        form.CopyTo(target);
        return form.Length;
    }

    private static TokenizerException Fail(int rank) => TokenizerException.Malformed($"merge {rank} joins tokens that the vocabulary lacks");
}
