using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Structure;

/// <summary>
/// What has been read of one open object or array, whatever surrounds it: a node of the lazily built automaton. Several readings may be
/// alive at once (<see cref="Count"/> of them); each leads back to one reading of the slot above.
/// </summary>
internal abstract class Level
{
    /// <summary>Readings alive.</summary>
    public abstract int Count { get; }

    /// <summary>The outcome of the slot above that reading <paramref name="i"/> leads to.</summary>
    public abstract int UpOf(int i);

    /// <summary>Bytes from here to the closing bracket, included, in the compact spelling; never "none".</summary>
    public abstract int BytesOf(int i);

    /// <summary>Outcomes of the slot above if the bracket closed here; empty when it may not.</summary>
    public required int[] AcceptedUps { get; init; }

    /// <summary>No member or item yet.</summary>
    public required bool IsFirst { get; init; }

    /// <summary>Number under which each mask engine keeps the masks of positions here; see <see cref="Machine.NumberOf"/>.</summary>
    internal int MaskPlace;

    /// <summary>Upper bound on what finishing costs, in compact bytes; -1 until it is asked for.</summary>
    internal int Upper = -1;
}

/// <summary>The document is complete: nothing is open.</summary>
internal sealed class DoneLevel : Level
{
    public override int Count => 1;

    public override int UpOf(int i) => 0;

    public override int BytesOf(int i) => 0;
}

/// <summary>An open object.</summary>
internal sealed class ObjectLevel(LevelStore store, (ObjectState State, int Up, int Bytes)[] readings) : Level
{
    private KeyLeaf? _keys;

    public (ObjectState State, int Up, int Bytes)[] Readings { get; } = readings;

    public override int Count => Readings.Length;

    public override int UpOf(int i) => Readings[i].Up;

    public override int BytesOf(int i) => Readings[i].Bytes;

    /// <summary>The keys that may come next.</summary>
    public KeyLeaf Keys => Volatile.Read(ref _keys) ?? store.KeysOf(this, ref _keys);
}

/// <summary>An open array.</summary>
internal sealed class ArrayLevel(LevelStore store, (Formula Left, int Up, int Bytes)[] readings) : Level
{
    private Slot? _item;
    private int _plentiful;

    public (Formula Left, int Up, int Bytes)[] Readings { get; } = readings;

    public override int Count => Readings.Length;

    public override int UpOf(int i) => Readings[i].Up;

    public override int BytesOf(int i) => Readings[i].Bytes;

    /// <summary>The next item; null when none may come.</summary>
    public Slot? Item
    {
        get
        {
            Slot slot = Volatile.Read(ref _item) ?? store.ItemOf(this, ref _item);
            return slot.Outcomes.Length == 0 ? null : slot;
        }
    }

    /// <summary>
    /// Items have to differ from each other, and any string may be one: however many are taken, there are others, whatever they begin with.
    /// </summary>
    public bool HasPlentifulStrings
    {
        get
        {
            if (_plentiful == 0) _plentiful = store.HasPlentifulStrings(this) ? 1 : -1;
            return _plentiful > 0;
        }
    }
}

/// <summary>One outcome of a slot: values of <paramref name="Predicate"/> lead to reading <paramref name="Next"/> (an object's) or
/// <paramref name="Rest"/> (an array's) of the level that owns the slot.</summary>
/// <param name="Up">The owner's outcome above.</param>
/// <param name="BytesAfter">Bytes from after the value to the owner's closing bracket, included.</param>
internal readonly record struct SlotOutcome(Formula Predicate, ObjectState Next, Formula Rest, int Up, int BytesAfter);

/// <summary>
/// A place for one value: a member's, an item's or the document. While the value is open the slot is what the stack remembers of the
/// level around it.
/// </summary>
internal sealed class Slot(LevelStore store, SlotOutcome[] outcomes, SlotOwner owner)
{
    private ValueLeaf? _string, _number;
    private readonly ValueLeaf?[] _words = new ValueLeaf?[3];
    private Level? _object, _array;
    private readonly Dictionary<AcceptedSet, Level> _completions = [];

    public SlotOutcome[] Outcomes { get; } = Counted(store, outcomes);

    public LevelStore Store => store;

    public SlotOwner Owner { get; } = owner;

    /// <summary>What may come later depends on which value stands here.</summary>
    public bool IsRemembered { get; init; }

    /// <summary>Where the value is remembered: what each reading of the array has to satisfy from this item on, and where it leads above.</summary>
    public (Formula Left, int Up)[] Readings { get; init; } = [];

    /// <summary>Where the value is remembered: a longer one is none that the plans for the rest of the array make use of.</summary>
    public int PlannedBytesMax { get; init; }

    /// <summary>
    /// In the slot of a class of keys, a shortest key of the class: plans for the rest of the object do without it. Whichever key of the class came, the
    /// rest then costs no more, since the sample can stand in for it. Null where it is known which key came.
    /// </summary>
    public int? Sample { get; init; }

    /// <summary>See <see cref="ArrayLevel.HasPlentifulStrings"/> of the slot's level.</summary>
    public bool HasPlentifulStrings { get; init; }

    /// <summary>The strings that may stand here; null when none may.</summary>
    public ValueLeaf? String => OrNull(Volatile.Read(ref _string) ?? store.StringOf(this, ref _string));

    /// <summary>The numbers that may stand here; null when none may.</summary>
    public ValueLeaf? Number => OrNull(Volatile.Read(ref _number) ?? store.NumberOf(this, ref _number));

    /// <summary><c>null</c>, <c>true</c> or <c>false</c>, if it may stand here.</summary>
    public ValueLeaf? Word(Schema.ValueKind kind) => OrNull(Volatile.Read(ref _words[(int)kind]) ?? store.WordOf(this, kind, ref _words[(int)kind]));

    /// <summary>The level inside <c>{</c>; null when no object may stand here.</summary>
    public ObjectLevel? Object => (Volatile.Read(ref _object) ?? store.ObjectOf(this, ref _object)) as ObjectLevel;

    /// <summary>The level inside <c>[</c>; null when no array may stand here.</summary>
    public ArrayLevel? Array => (Volatile.Read(ref _array) ?? store.ArrayOf(this, ref _array)) as ArrayLevel;

    /// <summary>The owner's level after a value of which exactly the outcomes in <paramref name="accepted"/> hold.</summary>
    public Level After(ReadOnlySpan<int> accepted) => store.AfterValue(this, accepted, _completions);

    internal int MaskPlace;

    internal int Upper = -1, UpperAfter = -1;

    private static SlotOutcome[] Counted(LevelStore store, SlotOutcome[] outcomes)
    {
        store.Meter.Add(LevelStore.SlotBytes + 64L * outcomes.Length);
        return outcomes;
    }

    private static ValueLeaf? OrNull(ValueLeaf leaf) => leaf.Automaton.Start == ByteDfa.Dead ? null : leaf;
}

/// <summary>What a slot belongs to.</summary>
internal enum SlotOwner { Document, Object, Array }

/// <summary>The scalars of one kind in one slot, while one is written.</summary>
internal sealed class ValueLeaf(Slot slot, LeafAutomaton automaton, int[] outcomes)
{
    private Level? _only;

    public LeafAutomaton Automaton { get; } = automaton;

    public Slot Slot { get; } = slot;

    public bool IsString { get; init; }

    /// <summary>The outcome that a value of one part's language leads to.</summary>
    public SlotOutcome OutcomeOf(int part) => Slot.Outcomes[outcomes[part]];

    /// <summary>The level after a value of one part's language.</summary>
    public Level LevelAfterPart(int part) => Automaton.Single is not null ? LevelAfter(0) : Slot.After(outcomes.AsSpan(part, 1));

    /// <summary>The level after the value that ends in <paramref name="state"/>.</summary>
    public Level LevelAfter(int state)
    {
        if (Automaton.Single is not null)
        {
            return Volatile.Read(ref _only) ?? (_only = Slot.After(outcomes));
        }
        ref object? result = ref Automaton.ResultAt(state);
        if (Volatile.Read(ref result) is Level known) return known;
        (int Part, int Literal)[] accepted = Automaton.AcceptedAt(state);
        Level level = Slot.After([.. accepted.Select(x => outcomes[x.Part])]);
        Volatile.Write(ref result, level);
        return level;
    }

    internal int MaskPlace;
}

/// <summary>
/// The keys that may come next in one object level, and the slot that each leads to. Keys that formulas mention are literals; all others
/// fall into classes of keys that are treated alike.
/// </summary>
internal sealed class KeyLeaf(LevelStore store, ObjectLevel level, LeafAutomaton automaton, LiteralKey[] literals, KeyClass[] classes)
{
    private readonly Dictionary<(int Class, string Key), Slot> _named = [];

    public ObjectLevel Level => level;

    /// <summary>A key's text before its first byte.</summary>
    private readonly KeyText _beginning = new(null, []);

    /// <summary>The text of an unfinished key and what one more token adds to it.</summary>
    /// <param name="text">The text before the token; null where the key begins in it.</param>
    public KeyText TextWith(KeyText? text, ReadOnlySpan<byte> more) => (text ?? _beginning).With(more, store.Meter);

    /// <summary>Literals, by place: their slots.</summary>
    public LiteralKey[] Literals { get; } = literals;

    /// <summary>Literals, by place: their canonical spelling after the opening quote.</summary>
    public required byte[][] LiteralTexts { get; init; }

    internal int Upper = -1, BytesMax = -1;

    public LeafAutomaton Automaton { get; } = automaton;

    public KeyClass[] Classes { get; } = classes;

    /// <summary>The literal (0 or more) or, as its complement, the class of the key that ends in <paramref name="state"/>.</summary>
    public int KindOf(int state)
    {
        if (Automaton.Single is not null) return Literals.Length > 0 ? 0 : ~0;
        // Literals come first: a key of a class that is also a literal is the literal.
        int part = Automaton.AcceptedAt(state)[0].Part;
        return part < Literals.Length ? part : ~(part - Literals.Length);
    }

    /// <summary>The slot of a literal; null for one that may not come (again), and is here only so that no class admits it.</summary>
    public Slot? SlotOf(int literal) => Literals[literal].Slot;

    /// <summary>The slot of a key of a class, which is from now on taken.</summary>
    public Slot SlotOf(int keyClass, string key)
    {
        lock (_named)
        {
            if (_named.TryGetValue((keyClass, key), out Slot? known)) return known;
        }
        Slot slot = store.NamedSlotOf(level, Classes[keyClass], key);
        lock (_named)
        {
            if (_named.Count >= 4096) _named.Clear();
            _named[(keyClass, key)] = slot;
        }
        return slot;
    }

    internal int MaskPlace;
}

/// <summary>A key that formulas mention. Whether it may come is known at once, its slot is made when it has come.</summary>
internal sealed class LiteralKey
{
    private readonly LevelStore? _store;
    private readonly Func<Slot>? _make;
    private Slot? _slot;

    /// <param name="slot">Its slot; null if it may not come.</param>
    public LiteralKey(Slot? slot) => (_slot, Upper) = (slot, -1);

    /// <param name="make">Makes its slot, under the machine's gate.</param>
    /// <param name="upper">Never less than the compact bytes from after the key to the end of the object.</param>
    public LiteralKey(LevelStore store, Func<Slot> make, int upper) => (_store, _make, Upper) = (store, make, upper);

    /// <summary>Its slot; null for one that may not come (again), and is here only so that no class admits it.</summary>
    public Slot? Slot => _make is null ? _slot : Volatile.Read(ref _slot) ?? _store!.SlotOf(_make, ref _slot);

    /// <summary>It may come.</summary>
    public bool IsAlive => _make is not null || _slot is not null;

    /// <summary>Known without the slot; -1 if not.</summary>
    public int Upper { get; }
}

/// <summary>Keys that are treated alike.</summary>
/// <param name="Next">For each reading of the level what its formula becomes after such a key; null where it dies.</param>
/// <param name="Anonymous">The slot after a key of the class, should it not matter which.</param>
internal sealed record KeyClass(Formula?[] Next, Slot Anonymous);
