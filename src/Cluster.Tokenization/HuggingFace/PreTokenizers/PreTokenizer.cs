using System.Text;
using Cluster.Tokenization.Patterns;

namespace Cluster.Tokenization.HuggingFace.PreTokenizers;

/// <summary>Cuts text into the pieces that the model sees one by one. Each class stands for one "type" of tokenizer.json.</summary>
internal abstract class PreTokenizer
{
    public abstract void Apply(PieceList pieces);

    public sealed class Chain(IReadOnlyList<PreTokenizer> steps) : PreTokenizer
    {
        public override void Apply(PieceList pieces)
        {
            foreach (PreTokenizer step in steps) step.Apply(pieces);
        }
    }

    public sealed class SplitPattern(Pattern pattern, SplitBehavior behavior, bool invert) : PreTokenizer
    {
        public override void Apply(PieceList pieces) => pieces.Split((piece, sink) =>
        {
            var collector = new SplitCollector(sink, behavior);
            int done = 0;
            for (int from = 0; from <= piece.Length;)
            {
                (int start, int end) = pattern.Find(piece, from);
                if (start < 0) break;
                collector.Add(done, start, isDelimiter: invert);
                collector.Add(start, end, isDelimiter: !invert);
                done = end;
                from = end > start ? end : end + 1;
            }
            collector.Add(done, piece.Length, isDelimiter: invert);
            collector.Finish();
        });
    }

    public sealed class SplitString(string pattern, SplitBehavior behavior, bool invert) : PreTokenizer
    {
        public override void Apply(PieceList pieces)
        {
            if (pattern.Length == 0) return;
            pieces.Split((piece, sink) =>
            {
                var collector = new SplitCollector(sink, behavior);
                int done = 0;
                while (piece[done..].IndexOf(pattern, StringComparison.Ordinal) is >= 0 and int found)
                {
                    collector.Add(done, done + found, isDelimiter: invert);
                    collector.Add(done + found, done + found + pattern.Length, isDelimiter: !invert);
                    done += found + pattern.Length;
                }
                collector.Add(done, piece.Length, isDelimiter: invert);
                collector.Finish();
            });
        }
    }

    /// <summary>Each code point that the test accepts is a delimiter.</summary>
    public sealed class SplitPoints(Func<int, bool> isDelimiter, SplitBehavior behavior) : PreTokenizer
    {
        public override void Apply(PieceList pieces) => pieces.Split((piece, sink) =>
        {
            var collector = new SplitCollector(sink, behavior);
            int runStart = 0;
            for (int i = 0, length; i < piece.Length; i += length)
            {
                if (!isDelimiter(CodePoints.At(piece, i, out length))) continue;
                collector.Add(runStart, i, isDelimiter: false);
                collector.Add(i, i + length, isDelimiter: true);
                runStart = i + length;
            }
            collector.Add(runStart, piece.Length, isDelimiter: false);
            collector.Finish();
        });
    }

    /// <summary>Every <paramref name="pieceLength"/> code points.</summary>
    public sealed class FixedLength(int pieceLength) : PreTokenizer
    {
        public override void Apply(PieceList pieces) => pieces.Split((piece, sink) =>
        {
            int start = 0, count = 0;
            for (int i = 0, length; i < piece.Length; i += length)
            {
                CodePoints.At(piece, i, out length);
                if (++count < pieceLength) continue;
                sink.Add(start, i + length);
                (start, count) = (i + length, 0);
            }
            sink.Add(start, piece.Length);
        });
    }

    public sealed class PrefixSpace : PreTokenizer
    {
        public override void Apply(PieceList pieces) => pieces.Rewrite((piece, _) => piece.StartsWith(' ') ? piece : " " + piece);
    }

    /// <summary>The byte-level alphabet, spelled out; only where a model cannot take bytes.</summary>
    public sealed class SpellBytes : PreTokenizer
    {
        public override void Apply(PieceList pieces) => pieces.Rewrite((piece, _) =>
        {
            var spelled = new StringBuilder();
            foreach (byte value in Encoding.UTF8.GetBytes(piece)) spelled.Append(ByteLevelAlphabet.ToChar(value));
            return spelled.ToString();
        });
    }

    public enum PrefixScheme { Always, First, Never }

    public sealed class Metaspace(char replacement, PrefixScheme scheme, bool split) : PreTokenizer
    {
        private readonly PreTokenizer? _split = split ? new SplitPoints(point => point == replacement, SplitBehavior.MergedWithNext) : null;

        public override void Apply(PieceList pieces)
        {
            bool atTextStart = pieces.AtTextStart;
            pieces.Rewrite((piece, index) =>
            {
                piece = piece.Replace(' ', replacement);
                bool prepend = scheme == PrefixScheme.Always || (scheme == PrefixScheme.First && atTextStart && index == 0);
                return prepend && !piece.StartsWith(replacement) ? replacement + piece : piece;
            });
            _split?.Apply(pieces);
        }
    }
}
