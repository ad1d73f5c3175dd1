using System.Text;
using System.Text.Json;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>Builds levels, slots and leaves on first use and interns levels, so that equal situations are the same object.</summary>
internal sealed partial class LevelStore(Machine machine)
{
    // A level with its place in the table; a slot with what it keeps of its leaves.
    private const int LevelBytes = 240;
    internal const int SlotBytes = 320;

    private readonly Dictionary<LevelKey, Level> _levels = [];
    private readonly Dictionary<Formula, NameOrder> _orders = [];
    private readonly Dictionary<int, byte[]> _encodedKeys = [];
    private Slot? _document;
    private Frame? _bottom;

    public DoneLevel Done { get; } = new() { AcceptedUps = [], IsFirst = false };

    public TableMeter Meter => machine.Meter;

    /// <summary>Levels interned so far.</summary>
    public int Count => _levels.Count;

    /// <summary>The slot of the whole document.</summary>
    public Slot Document => _document ??= new Slot(this, [new SlotOutcome(machine.Root, default, machine.Store.True, 0, 0)], SlotOwner.Document);

    /// <summary>The stack inside the document's own bracket.</summary>
    public Frame Bottom => _bottom ??= new Frame(Document, null);

    /// <summary>The key as JSON, with quotes, in its canonical spelling.</summary>
    public byte[] EncodedKey(int name)
    {
        if (!_encodedKeys.TryGetValue(name, out byte[]? json)) _encodedKeys[name] = json = JsonText.Encode(machine.Names.TextOf(name));
        return json;
    }

    /// <summary>An object of <paramref name="predicate"/> before its first member.</summary>
    public ObjectState StartOf(Formula predicate)
    {
        NameOrder? order = NameOrder.None;
        if (machine.Options.Order == PropertyOrder.Schema && !_orders.TryGetValue(predicate, out order))
        {
            _orders[predicate] = order = NameOrder.Of(machine, predicate);
        }
        return new ObjectState(machine.Projector.Project(predicate, ValueKind.Object), machine.Names.Empty, 0, order!, true);
    }

    /// <summary>Bytes of the shortest string of a projected predicate, with quotes.</summary>
    public int SmallestString(Formula strings)
    {
        if (strings.IsTrue) return 2;
        if (strings.IsFalse) return Cost.None;
        ByteDfa dfa = machine.Projector.BodyOf(machine.Projector.Strings(strings));
        return dfa.Start == ByteDfa.Dead ? Cost.None : Cost.Add(1, dfa.ShortestLength(dfa.Start));
    }

    /// <summary>Bytes of the shortest number of a projected predicate.</summary>
    public int SmallestNumber(Formula numbers)
    {
        if (numbers.IsTrue) return 1;
        if (numbers.IsFalse) return Cost.None;
        ByteDfa dfa = NumberDfa(numbers);
        return dfa.Start == ByteDfa.Dead ? Cost.None : dfa.ShortestLength(dfa.Start);
    }

    /// <summary>The shortest string of a predicate that some string satisfies, with quotes.</summary>
    public byte[] SmallestStringText(Formula predicate)
    {
        ByteDfa dfa = machine.Projector.BodyOf(machine.Projector.StringsOf(predicate));
        return [(byte)'"', .. dfa.ShortestCompletion(dfa.Start)];
    }

    /// <summary>The shortest number of a predicate that some number satisfies.</summary>
    public byte[] SmallestNumberText(Formula predicate)
    {
        ByteDfa dfa = NumberDfa(machine.Projector.Project(predicate, ValueKind.Number));
        return dfa.ShortestCompletion(dfa.Start).ToArray();
    }

    /// <summary>The shortest key of a class that is neither mentioned nor taken; null when there is none left.</summary>
    public string? ShortestOther(ObjectState state, ObjectSearch.Relevance relevance, Formula keys, NameSet taken)
    {
        StringLanguage language = Others(keys, relevance.Mentioned.Concat(state.Order.Names).Concat(state.Seen.Names).Concat(taken.Names));
        ByteDfa dfa = machine.Projector.BodyOf(language);
        return dfa.Start == ByteDfa.Dead ? null : DecodeKey(dfa.ShortestCompletion(dfa.Start));
    }

    /// <summary>The text of a key from the bytes after its opening quote, the closing one included.</summary>
    public static string DecodeKey(ReadOnlySpan<byte> body)
    {
        byte[] json = new byte[body.Length + 1];
        json[0] = (byte)'"';
        body.CopyTo(json.AsSpan(1));
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return reader.GetString()!;
    }

    public ValueLeaf StringOf(Slot slot, ref ValueLeaf? place)
        => Build(ref place, () => Leaf(slot, true, x => machine.Projector.BodyOf(machine.Projector.StringsOf(x)), ValueKind.String));

    public ValueLeaf NumberOf(Slot slot, ref ValueLeaf? place)
        => Build(ref place, () => Leaf(slot, false, x => NumberDfa(machine.Projector.Project(x, ValueKind.Number)), ValueKind.Number));

    public ValueLeaf WordOf(Slot slot, ValueKind kind, ref ValueLeaf? place)
        => Build(ref place, () =>
        {
            string word = kind switch { ValueKind.Null => "null", ValueKind.True => "true", _ => "false" };
            int[] outcomes = OutcomesWhere(slot, x => machine.Projector.Project(x, kind).IsTrue);
            return new ValueLeaf(slot, new LeafAutomaton([outcomes.Length > 0 ? WordDfa.Of(word) : WordDfa.Nothing], true, machine.Meter), outcomes);
        });

    public Level ObjectOf(Slot slot, ref Level? place)
        => Build(ref place, () =>
        {
            var readings = new List<(ObjectState State, int Up, int Bytes)>();
            for (int i = 0; i < slot.Outcomes.Length; i++)
            {
                ObjectState state = StartOf(slot.Outcomes[i].Predicate);
                int bytes = BytesOf(state);
                if (bytes != Cost.None) readings.Add((state, i, bytes));
            }
            return readings.Count == 0 ? Done : ObjectAt(readings);
        });

    public Level ArrayOf(Slot slot, ref Level? place)
        => Build(ref place, () =>
        {
            var readings = new List<(Formula Left, int Up, int Bytes)>();
            for (int i = 0; i < slot.Outcomes.Length; i++)
            {
                Formula rest = machine.Projector.Project(slot.Outcomes[i].Predicate, ValueKind.Array);
                int bytes = BytesOf(rest, isFirst: true);
                if (bytes != Cost.None) readings.Add((rest, i, bytes));
            }
            return readings.Count == 0 ? Done : ArrayAt(readings, isFirst: true);
        });

    public Slot ItemOf(ArrayLevel level, ref Slot? place)
        => Build(ref place, () =>
        {
            var outcomes = new List<SlotOutcome>();
            int longest = 0;
            foreach ((Formula rest, int up, _) in level.Readings)
            {
                Formula after = ArrayFormulas.AfterItem(machine, rest);
                foreach (Outcome outcome in machine.Splitter.Split(after))
                {
                    if (machine.Costs.BytesOf(outcome.Predicate) == Cost.None) continue;
                    (Formula predicate, int bytes) = outcome.Next.HasUnique
                        ? machine.Search.Unique.Finishable(rest, outcome, ref longest)
                        : (outcome.Predicate, BytesOf(outcome.Next, isFirst: false));
                    if (bytes != Cost.None) outcomes.Add(new SlotOutcome(predicate, default, outcome.Next, up, bytes));
                }
            }
            bool isRemembered = level.Readings.Any(static x => x.Left.HasUnique);
            return new Slot(this, [.. outcomes], SlotOwner.Array)
            {
                IsRemembered = isRemembered,
                Readings = isRemembered ? [.. level.Readings.Select(static x => (x.Left, x.Up))] : [],
                PlannedBytesMax = longest,
                HasPlentifulStrings = isRemembered && level.HasPlentifulStrings,
            };
        });

    /// <inheritdoc cref="ArrayLevel.HasPlentifulStrings"/>
    public bool HasPlentifulStrings(ArrayLevel level)
    {
        lock (machine.Gate) return Array.TrueForAll(level.Readings, x => HasPlentifulStrings(x.Left));
    }

    private bool HasPlentifulStrings(Formula rest)
    {
        var items = new List<Formula>();
        foreach (Formula kid in rest.Kind == FormulaKind.And ? rest.Kids : [rest])
        {
            if (kid.Atom is ItemsAtom atom) items.Add(atom.PredicateAt(machine, atom.Index));
            else if (kid.Atom is not (UniqueAtom or MinItems or MaxItems)) return false;
        }
        ByteDfa dfa = machine.Projector.BodyOf(machine.Projector.StringsOf(machine.Store.And(items)));
        return dfa.Start != ByteDfa.Dead && dfa.TryGetFreeText(dfa.Start, out _, out int max) && max >= PlentifulLength;
    }

    // A million million strings: more than any array has items.
    private const int PlentifulLength = 8;

    /// <summary>The level of an array when it is known which value its last item was.</summary>
    public Level WithItem(Level level, byte[] json)
    {
        lock (machine.Gate)
        {
            int item = machine.Search.Unique.ItemOf(json);
            var readings = new List<(Formula Left, int Up, int Bytes)>();
            foreach ((Formula left, int up, _) in ((ArrayLevel)level).Readings)
            {
                Formula with = machine.Search.Unique.With(left, item);
                int bytes = BytesOf(with, isFirst: false);
                if (bytes != Cost.None) readings.Add((with, up, bytes));
            }
            return readings.Count == 0 ? level : ArrayAt(readings, isFirst: false);
        }
    }

    /// <summary>The owner's level after a value; readings that lead to one outcome above go on as one, their formulas joined.</summary>
    public Level AfterValue(Slot slot, ReadOnlySpan<int> accepted, Dictionary<AcceptedSet, Level> known)
    {
        if (slot.Owner == SlotOwner.Document) return Done;
        var key = new AcceptedSet([.. accepted]);
        lock (machine.Gate)
        {
            if (!known.TryGetValue(key, out Level? level)) known[key] = level = AfterValue(slot, key.Indices);
            return level;
        }
    }

    private Level AfterValue(Slot slot, int[] accepted)
    {
        if (slot.Owner == SlotOwner.Array)
        {
            return ArrayAt(accepted.Select(i => slot.Outcomes[i]).GroupBy(static x => x.Up).Select(group =>
            {
                Formula rest = machine.Store.Or(group.Select(static x => x.Rest));
                // Where the item itself is still to be taken into account, each outcome's figure does that already.
                bool isFinal = group.Count() == 1 || slot.IsRemembered;
                return (rest, group.Key, isFinal ? group.Min(static x => x.BytesAfter) : BytesOf(rest, isFirst: false));
            }).ToList(), isFirst: false);
        }
        return ObjectAt(accepted.Select(i => slot.Outcomes[i]).GroupBy(x => (x.Up, x.Next with { Rest = machine.Store.True })).Select(group =>
        {
            ObjectState state = group.Key.Item2 with { Rest = machine.Store.Or(group.Select(static x => x.Next.Rest)) };
            return (state, group.Key.Up, group.Count() == 1 ? group.First().BytesAfter : BytesOf(PlanStateOf(slot, state)));
        }).ToList());
    }

    /// <summary>Bytes to the closing bracket; <see cref="Cost.None"/> when it cannot be reached.</summary>
    public int BytesOf(ObjectState state)
    {
        if (machine.Search.TryObjectBytes(state, out int bytes)) return bytes;
        return machine.Costs.Read(reader => machine.Search.ObjectBytes(state, reader));
    }

    private int BytesOf(Formula rest, bool isFirst) => machine.Costs.Read(reader => machine.Search.ArrayBytes(rest, isFirst, reader));

    private ObjectLevel ObjectAt(List<(ObjectState State, int Up, int Bytes)> readings)
    {
        // The bytes follow from the state, except after a key of which only the class was looked at.
        var key = new LevelKey([.. readings], readings[0].State.IsFirst);
        if (!_levels.TryGetValue(key, out Level? level))
        {
            int[] ups = [.. readings.Where(static x => ObjectFormulas.AtEnd(x.State.Rest)).Select(static x => x.Up).Distinct()];
            machine.Meter.Add(LevelBytes + 72L * readings.Count);
            _levels[key] = level = new ObjectLevel(this, [.. readings]) { AcceptedUps = ups, IsFirst = readings[0].State.IsFirst };
        }
        return (ObjectLevel)level;
    }

    private ArrayLevel ArrayAt(List<(Formula Left, int Up, int Bytes)> readings, bool isFirst)
    {
        var key = new LevelKey([.. readings.Select(static x => (new ObjectState(x.Left, null!, 0, null!, false), x.Up, x.Bytes))], isFirst);
        if (!_levels.TryGetValue(key, out Level? level))
        {
            int[] ups = [.. readings.Where(static x => ObjectFormulas.AtEnd(x.Left)).Select(static x => x.Up).Distinct()];
            machine.Meter.Add(LevelBytes + 72L * readings.Count);
            _levels[key] = level = new ArrayLevel(this, [.. readings]) { AcceptedUps = ups, IsFirst = isFirst };
        }
        return (ArrayLevel)level;
    }

    private ByteDfa NumberDfa(Formula numbers)
        => machine.Projector.Numbers(numbers).ToDfa(machine.Options.Spelling, machine.Options.DigitsMax);

    private ValueLeaf Leaf(Slot slot, bool isSelfDelimiting, Func<Formula, ByteDfa> dfaOf, ValueKind kind)
    {
        var parts = new List<ByteDfa>();
        var outcomes = new List<int>();
        for (int i = 0; i < slot.Outcomes.Length; i++)
        {
            Formula predicate = slot.Outcomes[i].Predicate;
            if (machine.Projector.Project(predicate, kind).IsFalse) continue;
            ByteDfa dfa = machine.Meter.Use(dfaOf(predicate));
            if (dfa.Start == ByteDfa.Dead) continue;
            parts.Add(dfa);
            outcomes.Add(i);
        }
        if (parts.Count == 0) parts.Add(WordDfa.Nothing);
        return new ValueLeaf(slot, new LeafAutomaton([.. parts], isSelfDelimiting, machine.Meter), [.. outcomes]) { IsString = kind == ValueKind.String };
    }

    private static int[] OutcomesWhere(Slot slot, Func<Formula, bool> holds)
        => [.. Enumerable.Range(0, slot.Outcomes.Length).Where(i => holds(slot.Outcomes[i].Predicate))];

    private T Build<T>(ref T? place, Func<T> build) where T : class
    {
        lock (machine.Gate)
        {
            if (place is not null) return place;
            T built = build();
            Volatile.Write(ref place, built);
            return built;
        }
    }

    private readonly struct LevelKey((ObjectState State, int Up, int Bytes)[] readings, bool isFirst) : IEquatable<LevelKey>
    {
        private readonly (ObjectState State, int Up, int Bytes)[] _readings = readings;
        private readonly bool _isFirst = isFirst;

        public bool Equals(LevelKey other) => _isFirst == other._isFirst && _readings.AsSpan().SequenceEqual(other._readings);

        public override bool Equals(object? obj) => obj is LevelKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach ((ObjectState State, int Up, int Bytes) reading in _readings) hash.Add(reading);
            return hash.ToHashCode();
        }
    }
}

/// <summary>Outcomes of a slot that hold, as a key by content.</summary>
internal readonly struct AcceptedSet(int[] indices) : IEquatable<AcceptedSet>
{
    public int[] Indices { get; } = indices;

    public bool Equals(AcceptedSet other) => Indices.AsSpan().SequenceEqual(other.Indices);

    public override bool Equals(object? obj) => obj is AcceptedSet other && Equals(other);

    public override int GetHashCode() => Indices.Length == 1 ? Indices[0] : Indices.Aggregate(17, static (hash, x) => hash * 31 + x);
}
