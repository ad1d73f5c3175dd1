using System.Text;
using System.Text.Json;
using Cluster.Tokenization.HuggingFace;
using Cluster.Tokenization.HuggingFace.Decoders;
using Cluster.Tokenization.HuggingFace.Models;
using Cluster.Tokenization.HuggingFace.Normalizers;
using Cluster.Tokenization.Patterns;

namespace Cluster.Tokenization.SentencePiece;

/// <summary>Turns a SentencePiece model into <see cref="TokenizerParts"/>: the same models and normalizers as a tokenizer.json has, with the
/// library's own rules where they differ.</summary>
/// <remarks>Control and byte pieces are never matched as text: whoever types <c>&lt;s&gt;</c> gets its characters.</remarks>
internal sealed class SentencePieceBuilder(SentencePieceFile file, TokenizerOptions options)
{
    private const int Unigram = 1, BytePairs = 2;
    private const string Space = "\u2581";

    private readonly TokenTable _table = new();

    public TokenizerParts Build()
    {
        Refuse();
        var added = new List<AddedToken>();
        for (int id = 0; id < file.Pieces.Length; id++)
        {
            Piece piece = file.Pieces[id];
            bool isMarker = piece.Kind is PieceKind.Control or PieceKind.Unknown;

            // User-defined symbols are looked for after spaces are escaped, so one with a plain space never occurs.
            bool isSymbol = piece.Kind == PieceKind.UserDefined && !piece.Form.Contains((byte)' ');
            if (isMarker || isSymbol) added.Add(new AddedToken(id, Text(piece), false, false, false, Normalized: isSymbol, Special: isMarker));
            _table.Add(piece.Form, id, findable: !isMarker || id == file.UnknownId);
        }
        TokenModel model = file.ModelType == Unigram ? NewUnigram() : NewBytePairs();
        return new TokenizerParts(model, NewNormalizer(), preTokenizer: null, added, new TokenSpeller(Decoder()), postProcessor: null, options);
    }

    private bool IsText(int id) => file.Pieces[id].Kind is PieceKind.Normal or PieceKind.UserDefined;

    private void Refuse()
    {
        if (file.ModelType is not (Unigram or BytePairs)) throw TokenizerException.Unsupported($"SentencePiece model type {file.ModelType}");
        if (file.SpaceIsSuffix) throw TokenizerException.Unsupported("SentencePiece treat_whitespace_as_suffix");
        if (!file.EscapesSpaces) throw TokenizerException.Unsupported("SentencePiece without escape_whitespaces");
        if ((uint)file.UnknownId >= (uint)file.Pieces.Length) throw TokenizerException.Malformed("unk_id is outside of the vocabulary");
        bool hasUserDefined = file.Pieces.Any(piece => piece.Kind == PieceKind.UserDefined);
        if (hasUserDefined && (file.AddsPrefix || file.RemovesExtraSpaces)) throw TokenizerException.Unsupported("SentencePiece user-defined symbols together with add_dummy_prefix or remove_extra_whitespaces");
        if (file.Pieces.Any(piece => piece.Kind == PieceKind.Unused)) throw TokenizerException.Unsupported("SentencePiece unused pieces");
    }

    private UnigramModel NewUnigram()
    {
        double lowest = file.Pieces.Where(piece => piece.Kind == PieceKind.Normal).Select(piece => (double)piece.Score).DefaultIfEmpty(0).Min();
        double[] scores = [.. file.Pieces.Select(piece => piece.Kind == PieceKind.Normal ? piece.Score : Math.Max(0, lowest))];
        return new UnigramModel(_table, scores, file.UnknownId, file.ByteFallback, IsText);
    }

    /// <summary>A pair merges where a piece spells it; the piece's score is the rank, and equal scores are equal ranks.</summary>
    private BytePairModel NewBytePairs()
    {
        float[] ranks = [.. Enumerable.Range(0, file.Pieces.Length).Where(IsText).Select(id => file.Pieces[id].Score).Distinct().OrderDescending()];
        var rankOf = new Dictionary<float, int>();
        for (int i = 0; i < ranks.Length; i++) rankOf[ranks[i]] = i;
        var merges = new List<(int Left, int Right, int Rank, int Id)>();
        for (int id = 0; id < file.Pieces.Length; id++)
        {
            if (!IsText(id)) continue;
            byte[] form = file.Pieces[id].Form;
            for (int split = 1; split < form.Length; split++)
            {
                if ((form[split] & 0xC0) == 0x80) continue;
                int left = _table.Find(form.AsSpan(0, split)), right = _table.Find(form.AsSpan(split));
                if (left >= 0 && right >= 0 && IsText(left) && IsText(right)) merges.Add((left, right, rankOf[file.Pieces[id].Score], id));
            }
        }
        var table = new MergeTable(merges.Count);
        foreach (var (left, right, rank, id) in merges) table.Add(left, right, rank, id);
        var config = new BytePairConfig { ByteFallback = file.ByteFallback, FuseUnknown = true, UnknownToken = Text(file.Pieces[file.UnknownId]) };
        return new BytePairModel(config, _table, table);
    }

    private Normalizer.Chain NewNormalizer()
    {
        var steps = new List<Normalizer>();
        if (file.CharacterMap.Length > 0) steps.Add(Precompiled.Read(file.CharacterMap, isLongest: true));
        if (file.RemovesExtraSpaces)
        {
            steps.Add(new Normalizer.ReplacePattern(Pattern.Parse(" {2,}"), " "));
            steps.Add(new Normalizer.ReplacePattern(Pattern.Parse("^ | $"), ""));
        }
        if (file.AddsPrefix) steps.Add(new Normalizer.Prepend(" "));
        steps.Add(new Normalizer.ReplaceString(" ", Space));
        return new Normalizer.Chain(steps);
    }

    private JsonElement Decoder()
    {
        var steps = new List<object> { new { type = "Replace", pattern = new { String = Space }, content = " " } };
        if (file.ByteFallback) steps.Add(new { type = "ByteFallback" });
        steps.Add(new { type = "Fuse" });
        if (file.AddsPrefix) steps.Add(new { type = "Strip", content = " ", start = 1, stop = 0 });
        return JsonSerializer.SerializeToElement(new { type = "Sequence", decoders = steps });
    }

    private static string Text(Piece piece) => Encoding.UTF8.GetString(piece.Form);
}
