namespace Cluster.Serving.Thinking;

/// <summary>Text as it comes, without the white space that only sets thoughts and answer apart.</summary>
/// <param name="trimsEnd">Also that at the end: it is held back until more text follows.</param>
internal sealed class TrimmedText(bool trimsEnd)
{
    private bool _hasBegun;
    private string _held = "";

    public string Push(string text)
    {
        if (!_hasBegun) text = text.TrimStart();
        if (text.Length == 0) return "";
        _hasBegun = true;
        if (!trimsEnd) return text;
        text = _held + text;
        int kept = text.AsSpan().TrimEnd().Length;
        _held = text[kept..];
        return text[..kept];
    }
}
