using System.Text;
using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>A value that is known: what it is, and how it is written.</summary>
/// <param name="Item">The name of its <see cref="CanonicalJson"/>: equal values have one name.</param>
/// <param name="Predicate">Holds for this value alone.</param>
/// <param name="Bytes">Its length.</param>
internal readonly record struct KnownValue(int Item, Formula Predicate, int Bytes);

/// <summary>
/// The values of one predicate, smallest first, each once. Scalars are read off their automata; objects and arrays are planned with those before them
/// excluded.
/// </summary>
internal sealed class SmallestValues
{
    private const int FuelEach = 200;

    private readonly Machine _machine;
    private readonly List<KnownValue> _known = [];
    private readonly ShortTexts _numbers, _strings;
    private readonly string[] _words;
    private Place _place;

    public SmallestValues(Machine machine, Formula predicate)
    {
        _machine = machine;
        // One spelling of each value will do.
        _numbers = new ShortTexts(machine, machine.Projector.NumbersOf(predicate).ToDfa(Spelling.Canonical, machine.Options.DigitsMax), isString: false);
        _strings = new ShortTexts(machine, machine.Projector.BodyOf(machine.Projector.StringsOf(predicate), Spelling.Canonical), isString: true);
        _words = [.. new[] { (ValueKind.Null, "null"), (ValueKind.True, "true"), (ValueKind.False, "false") }
            .Where(x => machine.Projector.Project(predicate, x.Item1).IsTrue).Select(static x => x.Item2)];
        _place = new Place(0, 0, 0, machine.Store.And(predicate, machine.Compounds));
    }

    /// <summary>How many of each kind are taken, and the predicate of the objects and arrays that are not.</summary>
    private readonly record struct Place(int Numbers, int Strings, int Words, Formula Compound);

    /// <summary>The value at a place of the list; false where there are not so many, or not yet so many known to <paramref name="reader"/>.</summary>
    public bool TryGet(int index, CostReader reader, out KnownValue value)
    {
        value = index < _known.Count ? _known[index] : default;
        Place place = _place;
        bool isKept = true;
        for (int i = _known.Count; i <= index; i++)
        {
            _machine.Spend(FuelEach);
            bool outer = reader.Begin();
            byte[]? json = Next(ref place, reader, out int item);
            if (json is not null) value = ValueOf(json, item, reader);
            isKept &= reader.End(outer);
            if (json is null) return false;
            if (!isKept) continue;
            _known.Add(value);
            _place = place;
        }
        return true;
    }

    private KnownValue ValueOf(byte[] json, int item, CostReader reader)
    {
        Formula only = _machine.ValueOf(_machine.Names.IdOf(Encoding.UTF8.GetString(json)));
        int bytes = reader.BytesOf(only);
        // Asked for the first time it is not solved yet; it is as long as its text.
        return new KnownValue(item, only, bytes == Cost.None ? json.Length : bytes);
    }

    private byte[]? Next(ref Place place, CostReader reader, out int item)
    {
        int number = _numbers.TryGet(place.Numbers, out byte[] numberText, out int numberItem) ? numberText.Length : Cost.None;
        int text = _strings.TryGet(place.Strings, out byte[] stringText, out int stringItem) ? stringText.Length : Cost.None;
        int word = place.Words < _words.Length ? _words[place.Words].Length : Cost.None;
        int least = Math.Min(number, Math.Min(text, word));
        int compound = least > 2 ? reader.BytesOf(place.Compound) : Cost.None;
        least = Math.Min(least, compound);
        item = -1;
        if (least == Cost.None) return null;
        byte[] json;
        if (number == least)
        {
            (json, item) = (numberText, numberItem);
            place = place with { Numbers = place.Numbers + 1 };
        }
        else if (text == least)
        {
            (json, item) = (stringText, stringItem);
            place = place with { Strings = place.Strings + 1 };
        }
        else if (compound == least)
        {
            json = _machine.Search.Texts.Now(place.Compound);
            item = _machine.Search.Unique.ItemOf(json);
            place = place with { Compound = _machine.Store.And(place.Compound, _machine.Store.Not(_machine.ValueOf(item))) };
        }
        else
        {
            json = Encoding.ASCII.GetBytes(_words[place.Words]);
            item = _machine.Search.Unique.ItemOf(json);
            place = place with { Words = place.Words + 1 };
        }
        return json;
    }
}
