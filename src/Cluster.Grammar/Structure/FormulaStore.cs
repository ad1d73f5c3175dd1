namespace Cluster.Grammar.Structure;

/// <summary>Makes and simplifies the formulas of one grammar. Not thread-safe: used under the grammar's gate.</summary>
internal sealed class FormulaStore
{
    private readonly Dictionary<Key, Formula> _interned = [];
    private readonly Dictionary<Atom, Formula> _atoms = [];

    public Formula False { get; } = new(0, FormulaKind.False, null, []);

    public Formula True { get; } = new(1, FormulaKind.True, null, []);

    /// <summary>Formulas made so far.</summary>
    public int Count { get; private set; } = 2;

    /// <summary>Formula nodes rewritten or joined so far: the work that fuel has to account for.</summary>
    public long Work { get; private set; }

    public Formula Atom(Atom atom)
    {
        if (!_atoms.TryGetValue(atom, out Formula? formula))
        {
            _atoms[atom] = formula = new Formula(Count++, FormulaKind.Atom, atom, []);
        }
        return formula;
    }

    public Formula Question(Formula predicate)
        => predicate.Kind is FormulaKind.True or FormulaKind.False ? predicate : Atom(new Question(predicate));

    public Formula Constant(bool value) => value ? True : False;

    public Formula Not(Formula formula) => formula.Kind switch
    {
        FormulaKind.True => False,
        FormulaKind.False => True,
        FormulaKind.Not => formula.Kids[0],
        _ => Intern(FormulaKind.Not, [formula]),
    };

    public Formula And(Formula left, Formula right)
        => left == right || right.IsTrue ? left : left.IsTrue ? right : Join(FormulaKind.And, [left, right]);

    public Formula Or(Formula left, Formula right)
        => left == right || right.IsFalse ? left : left.IsFalse ? right : Join(FormulaKind.Or, [left, right]);

    public Formula And(IEnumerable<Formula> kids) => Join(FormulaKind.And, kids);

    public Formula Or(IEnumerable<Formula> kids) => Join(FormulaKind.Or, kids);

    /// <summary>An atom and the formulas that it watches; true at once where a branch that evaluates everything has succeeded.</summary>
    public Formula Tracking(TrackingAtom atom, Formula[] kids)
    {
        for (int i = 0; i < kids.Length; i++)
        {
            if (kids[i].IsTrue && atom.EvaluatesAll(i)) return True;
        }
        return Intern(FormulaKind.Tracking, kids, atom);
    }

    /// <summary>Exactly one of <paramref name="kids"/> (with repetition) holds.</summary>
    public Formula ExactlyOne(IEnumerable<Formula> kids)
    {
        var open = new List<Formula>();
        int certain = 0;
        foreach (Formula kid in kids)
        {
            if (kid.IsTrue) certain++;
            else if (!kid.IsFalse) open.Add(kid);
        }
        if (certain > 1) return False;
        if (certain == 1) return And(open.Select(Not));
        open.Sort(static (x, y) => x.Id.CompareTo(y.Id));
        // One that stands twice can only be false: both would be true at once.
        var repeated = new List<Formula>();
        for (int i = 1; i < open.Count; i++)
        {
            if (open[i] == open[i - 1]) repeated.Add(open[i]);
        }
        if (repeated.Count > 0)
        {
            return And(And(repeated.Distinct().Select(Not)), ExactlyOne(open.Where(x => !repeated.Contains(x))));
        }
        return open.Count switch
        {
            0 => False,
            1 => open[0],
            _ => Intern(FormulaKind.ExactlyOne, [.. open]),
        };
    }

    /// <summary>Rebuilds <paramref name="formula"/> with each atom replaced; <paramref name="memo"/> carries shared parts.</summary>
    /// <remarks>Recursive: a formula's depth is bounded by the schema's in-place nesting, which the reader caps.</remarks>
    public Formula Rewrite(Formula formula, Func<Formula, Formula> replaceAtom, Dictionary<Formula, Formula> memo,
        Func<TrackingAtom, Formula[], Formula>? replaceTracking = null)
    {
        if (formula.Kind is FormulaKind.True or FormulaKind.False) return formula;
        if (memo.TryGetValue(formula, out Formula? known)) return known;
        Work++;
        Formula result;
        if (formula.Kind == FormulaKind.Atom)
        {
            result = replaceAtom(formula);
        }
        else
        {
            var kids = new Formula[formula.Kids.Length];
            bool changed = false;
            Formula? decided = null;
            for (int i = 0; i < kids.Length; i++)
            {
                kids[i] = Rewrite(formula.Kids[i], replaceAtom, memo, replaceTracking);
                changed |= kids[i] != formula.Kids[i];
                if (kids[i].IsFalse && formula.Kind == FormulaKind.And || kids[i].IsTrue && formula.Kind == FormulaKind.Or)
                {
                    decided = kids[i];
                    break;
                }
            }
            if (formula.Kind == FormulaKind.Tracking && replaceTracking is not null) changed = true;
            result = decided ?? (!changed ? formula : formula.Kind switch
            {
                FormulaKind.Tracking when replaceTracking is not null => replaceTracking((TrackingAtom)formula.Atom!, kids),
                FormulaKind.Tracking => Tracking((TrackingAtom)formula.Atom!, kids),
                FormulaKind.And => And(kids),
                FormulaKind.Or => Or(kids),
                FormulaKind.Not => Not(kids[0]),
                _ => ExactlyOne(kids),
            });
        }
        memo[formula] = result;
        return result;
    }

    private Formula Join(FormulaKind kind, IEnumerable<Formula> parts)
    {
        Formula neutral = kind == FormulaKind.And ? True : False;
        Formula absorbing = kind == FormulaKind.And ? False : True;
        var kids = new List<Formula>();
        foreach (Formula part in parts)
        {
            if (part == neutral) continue;
            if (part == absorbing) return absorbing;
            if (part.Kind == kind) kids.AddRange(part.Kids);
            else kids.Add(part);
        }
        Work += kids.Count;
        kids.Sort(static (x, y) => x.Id.CompareTo(y.Id));
        int count = 0;
        for (int i = 0; i < kids.Count; i++)
        {
            if (i == 0 || kids[i] != kids[i - 1]) kids[count++] = kids[i];
        }
        kids.RemoveRange(count, kids.Count - count);
        foreach (Formula kid in kids)
        {
            if (kid.Kind == FormulaKind.Not && Contains(kids, kid.Kids[0])) return absorbing;
        }
        return kids.Count switch { 0 => neutral, 1 => kids[0], _ => Intern(kind, [.. kids]) };
    }

    private static bool Contains(List<Formula> sorted, Formula wanted)
    {
        int low = 0, high = sorted.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            if (sorted[middle] == wanted) return true;
            if (sorted[middle].Id < wanted.Id) low = middle + 1;
            else high = middle - 1;
        }
        return false;
    }

    private Formula Intern(FormulaKind kind, Formula[] kids, Atom? atom = null)
    {
        var key = new Key(kind, kids, atom);
        if (!_interned.TryGetValue(key, out Formula? formula))
        {
            _interned[key] = formula = new Formula(Count++, kind, atom, kids);
        }
        return formula;
    }

    private readonly struct Key : IEquatable<Key>
    {
        private readonly FormulaKind _kind;
        private readonly Formula[] _kids;
        private readonly Atom? _atom;
        private readonly int _hash;

        public Key(FormulaKind kind, Formula[] kids, Atom? atom)
        {
            _kind = kind;
            _atom = atom;
            _kids = kids;
            var hash = new HashCode();
            hash.Add((int)kind);
            hash.Add(atom);
            foreach (Formula kid in kids) hash.Add(kid.Id);
            _hash = hash.ToHashCode();
        }

        public bool Equals(Key other) => _kind == other._kind && Equals(_atom, other._atom) && _kids.AsSpan().SequenceEqual(other._kids);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode() => _hash;
    }
}
