using System.Globalization;
using System.Text;

namespace Cluster.Serving.Tools;

/// <summary>A JSON string, read as it is written: its text so far, escapes resolved.</summary>
internal sealed class JsonStringReader
{
    private readonly StringBuilder _escape = new();
    private bool _isOpen;
    private bool _isOver;

    /// <summary>The text that this piece adds.</summary>
    public string Push(string piece)
    {
        var text = new StringBuilder(piece.Length);
        foreach (char c in piece)
        {
            if (_isOver) break;
            if (_escape.Length > 0) TakeEscaped(c, text);
            else if (!_isOpen) _isOpen = c == '"';
            else if (c == '\\') _escape.Append(c);
            else if (c == '"') _isOver = true;
            else text.Append(c);
        }
        return text.ToString();
    }

    private void TakeEscaped(char c, StringBuilder text)
    {
        _escape.Append(c);
        if (_escape[1] != 'u')
        {
            text.Append(c switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => c });
            _escape.Clear();
        }
        else if (_escape.Length == 6)
        {
            text.Append((char)ushort.Parse(_escape.ToString(2, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            _escape.Clear();
        }
    }
}
