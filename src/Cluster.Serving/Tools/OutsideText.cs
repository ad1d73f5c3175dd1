namespace Cluster.Serving.Tools;

/// <summary>What of the text outside of calls is the assistant's message: not the fixed text between calls, nor the white space around them.</summary>
/// <param name="openText">Fixed text that precedes the first call where a document may stand instead.</param>
/// <param name="mayBeText">False where nothing but calls can come.</param>
/// <param name="isFree">Free text may stand between calls.</param>
internal sealed class OutsideText(string openText, bool mayBeText, bool isFree)
{
    private string _held = "";
    private bool _isDecided;
    private bool _hasCalls;

    /// <summary>A call has begun: what was held is no message.</summary>
    public void CallBegan() => (_hasCalls, _held) = (true, "");

    /// <summary>The part of the message that <paramref name="text"/> completes.</summary>
    public string Push(string text)
    {
        if (!mayBeText || (_hasCalls && !isFree)) return "";
        if (!isFree && !_isDecided)
        {
            _held += text;
            if (openText.StartsWith(_held, StringComparison.Ordinal) || (openText.Length > 0 && _held.StartsWith(openText, StringComparison.Ordinal))) return "";
            _isDecided = true;
            (text, _held) = (_held, "");
        }
        if (!_hasCalls) return text;
        _held += text;
        if (string.IsNullOrWhiteSpace(_held)) return "";
        (text, _held) = (_held, "");
        return text;
    }
}
