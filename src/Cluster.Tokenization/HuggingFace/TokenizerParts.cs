using System.Text;
using Cluster.Tokenization.HuggingFace.Decoders;
using Cluster.Tokenization.HuggingFace.Models;
using Cluster.Tokenization.HuggingFace.Normalizers;
using Cluster.Tokenization.HuggingFace.PreTokenizers;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>Everything that one tokenizer.json builds. Immutable.</summary>
internal sealed class TokenizerParts
{
    private readonly Dictionary<string, int> _addedIds;
    private readonly IReadOnlyList<AddedToken> _added;
    private readonly TokenSpeller _speller;
    private readonly TokenizerOptions _options;

    public TokenizerParts(TokenModel model, Normalizer? normalizer, PreTokenizer? preTokenizer, IReadOnlyList<AddedToken> added, TokenSpeller speller,
        System.Text.Json.JsonElement? postProcessor, TokenizerOptions options)
    {
        Model = model;
        Normalizer = normalizer;
        PreTokenizer = preTokenizer;
        _added = added;
        _speller = speller;
        _options = options;
        _addedIds = [];
        foreach (AddedToken token in added) _addedIds[token.Content] = token.Id;
        Markers = new PostProcessing(postProcessor, IdOf);
        RawTokens = Match(token => !token.Normalized);
        RawPlainTokens = Match(token => !token.Normalized && !token.Special);
        NormalizedTokens = Match(token => token.Normalized);
        NormalizedPlainTokens = Match(token => token.Normalized && !token.Special);
    }

    public TokenModel Model { get; }

    public Normalizer? Normalizer { get; }

    public PreTokenizer? PreTokenizer { get; }

    public PostProcessing Markers { get; }

    public AddedTokenMatcher? RawTokens { get; }

    public AddedTokenMatcher? RawPlainTokens { get; }

    public AddedTokenMatcher? NormalizedTokens { get; }

    public AddedTokenMatcher? NormalizedPlainTokens { get; }

    public int LeadingSpaces => _speller.LeadingSpaces;

    public int IdOf(string token)
    {
        if (_addedIds.TryGetValue(token, out int id)) return id;
        byte[] form = Encoding.UTF8.GetBytes(token);
        if (!Model.TakesBytes) return Model.Table.Find(form);
        byte[] bytes = new byte[form.Length];
        return ByteLevelAlphabet.TryToBytes(form, bytes, out int written) ? Model.Table.Find(bytes.AsSpan(0, written)) : -1;
    }

    public int RequireId(string token) => IdOf(token) is >= 0 and int id ? id : throw TokenizerException.Malformed($"there is no token \"{token}\"");

    /// <param name="sizeMin">Rows of the model's embedding, where known: ids past the last token spell nothing.</param>
    public HuggingFaceTokenizer ToTokenizer(IReadOnlyList<int> endIds, int sizeMin)
    {
        int size = Math.Max(Model.Table.Size, sizeMin);
        foreach (AddedToken token in _added) size = Math.Max(size, token.Id + 1);
        if (size > _options.VocabularySizeMax) throw TokenizerException.Malformed("the vocabulary is larger than VocabularySizeMax");
        var spellings = new byte[size][];
        Array.Fill(spellings, []);
        for (int id = 0; id < Model.Table.Size; id++)
        {
            ReadOnlySpan<byte> form = Model.Table.FormOf(id);
            if (form.Length > 0) spellings[id] = Model.TakesBytes ? form.ToArray() : _speller.Spell(form);
        }
        foreach (AddedToken token in _added) spellings[token.Id] = _speller.Spell(Encoding.UTF8.GetBytes(token.Content));
        if (endIds.FirstOrDefault(id => (uint)id >= (uint)size, -1) is >= 0 and int wrong) throw TokenizerException.Malformed($"the end token {wrong} is outside of the vocabulary");
        var vocabulary = new Vocabulary(spellings, _added.Where(token => token.Special).Select(token => token.Id), endIds);
        return new HuggingFaceTokenizer(this, vocabulary, _options);
    }

    private AddedTokenMatcher? Match(Func<AddedToken, bool> wanted)
    {
        AddedToken[] tokens = [.. _added.Where(wanted)];
        if (tokens.Length == 0) return null;
        return new AddedTokenMatcher(tokens.Select(token => (token.Normalized && Normalizer is not null ? Normalizer.Apply(token.Content) : token.Content, token)));
    }
}
