using System.Runtime.CompilerServices;
using System.Text;
using Cluster.Tokenization;

namespace Cluster.Serving.Prompting;

/// <summary>
/// Keeps special tokens out of callers' hands: a chat marker spelled in a message is tokenised as the ordinary characters it is, so no
/// message can end its turn or pose as another role.
/// </summary>
/// <remarks>
/// A mark, a private-use character that occurs in no message, is put inside each spelled marker before the template is rendered; the
/// rendered prompt is then cut at the marks and its pieces are tokenised one by one, so that no marker is whole in any of them.
/// Rejected: tokenising messages apart from the template, which changes the tokens of ordinary prompts at every boundary.
/// </remarks>
internal sealed class PromptGuard
{
    private const char FirstMark = '\uE000';
    private const char LastMark = '\uF8FF';

    private static readonly ConditionalWeakTable<Vocabulary, string[]> Markers = [];

    private readonly string[] _markers;
    private readonly char _mark;

    public PromptGuard(Vocabulary vocabulary, IEnumerable<string> texts)
    {
        _markers = Markers.GetValue(vocabulary, MarkersOf);
        var used = new HashSet<char>(texts.SelectMany(text => text).Where(c => c is >= FirstMark and <= LastMark));
        for (_mark = FirstMark; _mark < LastMark && used.Contains(_mark); _mark++)
        {
        }
    }

    /// <summary>The text with every marker in it broken by the mark.</summary>
    public string Protect(string text)
    {
        if (!_markers.Any(marker => text.Contains(marker, StringComparison.Ordinal))) return text;
        var safe = new StringBuilder(text);
        foreach (string marker in _markers) safe.Replace(marker, $"{marker[0]}{_mark}{marker[1..]}");
        return safe.ToString();
    }

    /// <summary>Token ids of a rendered prompt.</summary>
    public int[] Encode(ITokenizer tokenizer, string prompt)
        => prompt.Contains(_mark)
            ? [.. prompt.Split(_mark).SelectMany(piece => tokenizer.Encode(piece, parseSpecial: true))]
            : tokenizer.Encode(prompt, parseSpecial: true);

    private static string[] MarkersOf(Vocabulary vocabulary) => [.. Enumerable.Range(0, vocabulary.Size)
        .Where(id => vocabulary.IsSpecial(id) && vocabulary.BytesOf(id).Length > 1)
        .Select(id => Encoding.UTF8.GetString(vocabulary.BytesOf(id)))
        .OrderByDescending(marker => marker.Length)];
}
