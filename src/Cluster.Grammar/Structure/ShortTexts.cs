using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Structure;

/// <summary>The texts of one automaton that stand for different values, shortest first, found one at a time.</summary>
/// <param name="machine">Spends the fuel.</param>
/// <param name="dfa">The automaton.</param>
/// <param name="isString">Its texts are strings after their opening quote.</param>
internal sealed class ShortTexts(Machine machine, ByteDfa dfa, bool isString)
{
    private readonly List<(byte[] Json, int Item)> _known = [];
    private readonly HashSet<int> _items = [];
    private PriorityQueue<(byte[] Text, int State), (int Length, int Order)>? _open;
    private int _order;

    /// <summary>The text at a place of the list, as JSON, and its value's name; false where there are not so many.</summary>
    public bool TryGet(int index, out byte[] json, out int item)
    {
        (json, item) = ([], -1);
        if (dfa.Start == ByteDfa.Dead) return false;
        // One is asked for far more often than two.
        if (_known.Count == 0) TryAdd(dfa.ShortestCompletion(dfa.Start).ToArray());
        while (index >= _known.Count)
        {
            if (!TryFindNext()) return false;
        }
        (json, item) = _known[index];
        return true;
    }

    /// <summary>Looks on, most promising beginnings first, until one more value is found.</summary>
    private bool TryFindNext()
    {
        if (_open is null) (_open = new()).Enqueue(([], dfa.Start), default);
        while (_open.TryDequeue(out (byte[] Text, int State) item, out _))
        {
            machine.Spend(20);
            // Of equally promising ones the last is looked at first: straight down to a text, not all beginnings side by side.
            for (int value = 255; value >= 0; value--)
            {
                int next = dfa.Next(item.State, (byte)value);
                if (next == ByteDfa.Dead || isString && IsNeedless(item.Text, (byte)value)) continue;
                byte[] text = [.. item.Text, (byte)value];
                _open.Enqueue((text, next), (text.Length + dfa.ShortestLength(next), --_order));
            }
            if (dfa.IsAccepting(item.State) && TryAdd(item.Text)) return true;
        }
        return false;
    }

    /// <summary>An escape of a character that has a shorter spelling: following those, one would meet each text in a thousand forms.</summary>
    private static bool IsNeedless(ReadOnlySpan<byte> text, byte value)
    {
        int escape = text.Length - 1;
        while (escape >= 0 && text[escape] != '\\' && escape > text.Length - 6) escape--;
        if (escape < 0 || text[escape] != '\\' || IsEscaped(text, escape)) return false;
        return (text.Length - escape) switch
        {
            1 => value == '/',
            2 or 3 => text[escape + 1] == 'u' && value != '0',
            4 => text[escape + 1] == 'u' && value is not ((byte)'0' or (byte)'1'),
            _ => false,
        };
    }

    private static bool IsEscaped(ReadOnlySpan<byte> text, int at)
    {
        int before = at;
        while (before > 0 && text[before - 1] == '\\') before--;
        return (at - before) % 2 == 1;
    }

    private bool TryAdd(byte[] text)
    {
        byte[] json = isString ? [(byte)'"', .. text] : text;
        int item = machine.Search.Unique.ItemOf(json);
        if (!_items.Add(item)) return false;
        _known.Add((json, item));
        return true;
    }
}
