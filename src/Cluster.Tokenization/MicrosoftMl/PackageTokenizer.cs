using System.Text;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Tokenization.MicrosoftMl;

/// <summary>
/// A tokenizer of Microsoft.ML.Tokenizers behind our interface: the package encodes text, we know what tokens spell and which are special.
/// </summary>
/// <remarks>
/// Built only where the package restores (TokenizersAvailable). Special tokens are cut out here, not by the package, which would find them in a
/// caller's text as well.
/// </remarks>
public sealed class PackageTokenizer : ITokenizer
{
    private readonly Func<string, IReadOnlyList<int>> _encode;
    private readonly AddedTokenMatcher _specials;
    private readonly TokenizerOptions _options;

    internal PackageTokenizer(Vocabulary vocabulary, IReadOnlyDictionary<string, int> specials, Func<string, IReadOnlyList<int>> encode, int leadingSpacesDropped, TokenizerOptions options)
    {
        Vocabulary = vocabulary;
        LeadingSpacesDropped = leadingSpacesDropped;
        _encode = encode;
        _options = options;
        _specials = new AddedTokenMatcher(specials.Select(pair => (pair.Key, new AddedToken(pair.Value, pair.Key, false, false, false, false, Special: true))));
    }

    public Vocabulary Vocabulary { get; }

    public int LeadingSpacesDropped { get; }

    public int[] Encode(string text, bool parseSpecial)
    {
        if (text.Length > _options.TextCharsMax)
        {
            throw new TokenizerException(TokenizerError.TextTooLong, $"text of {text.Length} characters; the limit is {_options.TextCharsMax} (TokenizerOptions.TextCharsMax)");
        }
        text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        if (!parseSpecial) return [.. EncodeFree(text)];
        var ids = new List<int>();
        int done = 0;
        while (_specials.Find(text, done, done, out int start, out int end) is { } token)
        {
            ids.AddRange(EncodeFree(text[done..start]));
            ids.Add(token.Id);
            done = end;
        }
        ids.AddRange(EncodeFree(text[done..]));
        return [.. ids];
    }

    public string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new List<byte>(ids.Length * 4);
        foreach (int id in ids)
        {
            if ((uint)id < (uint)Vocabulary.Size && !Vocabulary.IsSpecial(id)) bytes.AddRange(Vocabulary.BytesOf(id));
        }
        int start = 0;
        while (start < LeadingSpacesDropped && start < bytes.Count && bytes[start] == ' ') start++;
        return Encoding.UTF8.GetString([.. bytes], start, bytes.Count - start);
    }

    private IReadOnlyList<int> EncodeFree(string text) => text.Length == 0 ? [] : _encode(text);
}
