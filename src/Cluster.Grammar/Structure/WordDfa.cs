using System.Text;
using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Structure;

/// <summary>The automaton of one fixed text: state <c>i + 1</c> has read <c>i</c> bytes.</summary>
internal sealed class WordDfa : ByteDfa
{
    private readonly byte[] _text;
    private readonly int[][] _rows;

    private WordDfa(byte[]? text)
    {
        _text = text ?? [];
        Start = text is null ? Dead : 1;
        _rows = new int[_text.Length + 2][];
        for (int state = 0; state < _rows.Length; state++)
        {
            _rows[state] = new int[256];
            if (state >= 1 && state <= _text.Length) _rows[state][_text[state - 1]] = state + 1;
        }
    }

    /// <summary>Accepts nothing.</summary>
    public static readonly WordDfa Nothing = new(null);

    private static readonly WordDfa _null = new("null"u8.ToArray());
    private static readonly WordDfa _true = new("true"u8.ToArray());
    private static readonly WordDfa _false = new("false"u8.ToArray());

    public static WordDfa Of(string word) => word switch { "null" => _null, "true" => _true, "false" => _false, _ => new(Encoding.UTF8.GetBytes(word)) };

    public override int Start { get; }

    public override int StateCount => _rows.Length;

    public override long Bytes => _rows.Length * 1100L;

    public override int Next(int state, byte value) => _rows[state][value];

    public override bool IsAccepting(int state) => state != Dead && state == _text.Length + 1;

    public override ReadOnlySpan<byte> ShortestCompletion(int state) => _text.AsSpan(state - 1);

    public override int ShortestLength(int state) => _text.Length + 1 - state;

    public override ReadOnlySpan<int> Row(int state) => _rows[state];

    internal override int[] Table(int state) => _rows[state];
}
