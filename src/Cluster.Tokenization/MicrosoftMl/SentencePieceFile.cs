using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace Cluster.Tokenization.MicrosoftMl;

/// <summary>Opens a SentencePiece "tokenizer.model" with Microsoft.ML.Tokenizers.</summary>
public static class SentencePieceFile
{
    /// <param name="endIds">Ids that end a sequence, where the model folder names them; the file's own otherwise.</param>
    public static PackageTokenizer Load(string path, IReadOnlyList<int>? endIds = null, TokenizerOptions? options = null)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException(TokenizerError.FileMissing, $"{path} cannot be read: {e.Message}", e);
        }
        SentencePieceTokenizer tokenizer = Parse(path, file);

        var specials = new Dictionary<string, int>
        {
            [tokenizer.UnknownToken] = tokenizer.UnknownId,
            [tokenizer.BeginningOfSentenceToken] = tokenizer.BeginningOfSentenceId,
            [tokenizer.EndOfSentenceToken] = tokenizer.EndOfSentenceId,
        };
        var spellings = new byte[tokenizer.Vocabulary.Values.DefaultIfEmpty(-1).Max() + 1][];
        Array.Fill(spellings, []);
        foreach ((string piece, int id) in tokenizer.Vocabulary) spellings[id] = Spell(piece, tokenizer.ByteFallback);
        var vocabulary = new Vocabulary(spellings, specials.Values.Distinct(), endIds ?? [tokenizer.EndOfSentenceId]);
        return new PackageTokenizer(vocabulary, specials,
            text => tokenizer.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false), tokenizer.AddDummyPrefix ? 1 : 0, options ?? TokenizerOptions.Default);
    }

    private static SentencePieceTokenizer Parse(string path, byte[] file)
    {
        try
        {
            return SentencePieceTokenizer.Create(new MemoryStream(file), addBeginningOfSentence: false, addEndOfSentence: false);
        }
        // The package's parser throws whatever its generated code throws.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new TokenizerException(TokenizerError.FileMalformed, $"{path} is not a SentencePiece model: {e.Message}", e);
        }
    }

    private static byte[] Spell(string piece, bool byteFallback)
    {
        bool isByte = byteFallback && piece.Length == 6 && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[5] == '>';
        if (isByte && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)) return [value];
        return Encoding.UTF8.GetBytes(piece.Replace('\u2581', ' '));
    }
}
