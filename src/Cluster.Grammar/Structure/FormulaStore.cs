using System.Runtime.InteropServices;

namespace Cluster.Grammar.Structure;

/// <summary>Makes and simplifies the formulas of one grammar. Not thread-safe: used under the grammar's gate.</summary>
internal sealed class FormulaStore
{
    // By hash of content; formulas of one hash are chained.
    private readonly Dictionary<int, Formula> _interned = [];
    private readonly Dictionary<Atom, Formula> _atoms = [];
    // The object, its place in the store and what is found out about it.
    private const int FormulaBytes = 240;

    private readonly List<Formula> _joined = [];
    private long _stamps;

    public Formula False { get; } = new(0, FormulaKind.False, null, []);

    public Formula True { get; } = new(1, FormulaKind.True, null, []);

    /// <summary>Formulas made so far.</summary>
    public int Count { get; private set; } = 2;

    /// <summary>Estimated memory of them.</summary>
    public long Bytes { get; private set; }

    /// <summary>Formula nodes rewritten or joined so far: the work that fuel has to account for.</summary>
    public long Work { get; private set; }

    public Formula Atom(Atom atom)
    {
        if (!_atoms.TryGetValue(atom, out Formula? formula))
        {
            _atoms[atom] = formula = new Formula(Count++, FormulaKind.Atom, atom, []);
            Bytes += 2 * FormulaBytes;
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
        => left == right || right.IsTrue ? left : left.IsTrue ? right : Join(FormulaKind.And, left, right);

    public Formula Or(Formula left, Formula right)
        => left == right || right.IsFalse ? left : left.IsFalse ? right : Join(FormulaKind.Or, left, right);

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

    /// <summary>Rebuilds <paramref name="formula"/> with each atom replaced.</summary>
    /// <param name="questions">Where given, only questions are replaced, and only those that have one of these bits.</param>
    /// <param name="memo">Results that hold beyond this rewriting, by formula and <paramref name="tag"/>.</param>
    /// <remarks>
    /// Recursive: a formula's depth is bounded by the schema's in-place nesting, which the reader caps. Shared parts are rewritten once: each rewriting
    /// leaves its results on the formulas, under a stamp of its own. A rewriting inside another may write over them; they are then made again.
    /// </remarks>
    public Formula Rewrite(Formula formula, Func<Formula, Formula> replaceAtom, Func<TrackingAtom, Formula[], Formula>? replaceTracking = null,
        ulong questions = 0, Dictionary<long, Formula>? memo = null, int tag = 0)
        => Rewrite(formula, new Rewriting(++_stamps, replaceAtom, replaceTracking, questions, memo, (long)tag << 32));

    private readonly record struct Rewriting(long Stamp, Func<Formula, Formula> ReplaceAtom, Func<TrackingAtom, Formula[], Formula>? ReplaceTracking,
        ulong Questions, Dictionary<long, Formula>? Memo, long Tag);

    private Formula Rewrite(Formula formula, in Rewriting rewriting)
    {
        if (formula.Kind is FormulaKind.True or FormulaKind.False) return formula;
        if (rewriting.Questions != 0 && (formula.Questions & rewriting.Questions) == 0) return formula;
        if (formula.Stamp == rewriting.Stamp) return formula.Rewritten!;
        Formula? result = null;
        if (rewriting.Memo is null || !rewriting.Memo.TryGetValue(rewriting.Tag | (uint)formula.Id, out result))
        {
            Work++;
            result = formula.Kind == FormulaKind.Atom ? rewriting.ReplaceAtom(formula) : RewriteKids(formula, rewriting);
            if (rewriting.Memo is not null) rewriting.Memo[rewriting.Tag | (uint)formula.Id] = result;
        }
        (formula.Stamp, formula.Rewritten) = (rewriting.Stamp, result);
        return result;
    }

    private Formula RewriteKids(Formula formula, in Rewriting rewriting)
    {
        Formula[] before = formula.Kids;
        Formula[]? kids = null;
        for (int i = 0; i < before.Length; i++)
        {
            Formula kid = Rewrite(before[i], rewriting);
            if (kid.IsFalse && formula.Kind == FormulaKind.And || kid.IsTrue && formula.Kind == FormulaKind.Or) return kid;
            if (kid != before[i]) kids ??= [.. before];
            if (kids is not null) kids[i] = kid;
        }
        if (formula.Kind == FormulaKind.Tracking && rewriting.ReplaceTracking is not null)
        {
            return rewriting.ReplaceTracking((TrackingAtom)formula.Atom!, kids ?? [.. before]);
        }
        return kids is null ? formula : formula.Kind switch
        {
            FormulaKind.Tracking => Tracking((TrackingAtom)formula.Atom!, kids),
            FormulaKind.And => Join(FormulaKind.And, kids),
            FormulaKind.Or => Join(FormulaKind.Or, kids),
            FormulaKind.Not => Not(kids[0]),
            _ => ExactlyOne(kids),
        };
    }

    private Formula Join(FormulaKind kind, Formula left, Formula right)
    {
        _joined.Clear();
        return AddTo(_joined, kind, left) && AddTo(_joined, kind, right) ? Joined(kind, _joined) : Absorbing(kind);
    }

    private Formula Join(FormulaKind kind, ReadOnlySpan<Formula> parts)
    {
        _joined.Clear();
        foreach (Formula part in parts)
        {
            if (!AddTo(_joined, kind, part)) return part;
        }
        return Joined(kind, _joined);
    }

    private Formula Join(FormulaKind kind, IEnumerable<Formula> parts)
    {
        // Making the parts may join others.
        var kids = new List<Formula>();
        foreach (Formula part in parts)
        {
            if (!AddTo(kids, kind, part)) return part;
        }
        return Joined(kind, kids);
    }

    private Formula Neutral(FormulaKind kind) => kind == FormulaKind.And ? True : False;

    private Formula Absorbing(FormulaKind kind) => kind == FormulaKind.And ? False : True;

    /// <summary>Adds a part, or its own parts; false where it decides the whole.</summary>
    private bool AddTo(List<Formula> kids, FormulaKind kind, Formula part)
    {
        if (part == Absorbing(kind)) return false;
        if (part.Kind == kind) kids.AddRange(part.Kids.AsSpan());
        else if (part != Neutral(kind)) kids.Add(part);
        return true;
    }

    private Formula Joined(FormulaKind kind, List<Formula> kids)
    {
        Work += kids.Count;
        SortById(CollectionsMarshal.AsSpan(kids));
        int count = 0;
        for (int i = 0; i < kids.Count; i++)
        {
            if (i == 0 || kids[i] != kids[i - 1]) kids[count++] = kids[i];
        }
        kids.RemoveRange(count, kids.Count - count);
        foreach (Formula kid in kids)
        {
            if (kid.Kind == FormulaKind.Not && Contains(kids, kid.Kids[0])) return Absorbing(kind);
        }
        return kids.Count switch { 0 => Neutral(kind), 1 => kids[0], _ => Intern(kind, CollectionsMarshal.AsSpan(kids)) };
    }

    // Parts of an interned formula are in order: mostly there is nothing to do.
    private static void SortById(Span<Formula> kids)
    {
        for (int i = 1; i < kids.Length; i++)
        {
            if (kids[i].Id >= kids[i - 1].Id) continue;
            kids.Sort(static (x, y) => x.Id.CompareTo(y.Id));
            return;
        }
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

    private Formula Intern(FormulaKind kind, ReadOnlySpan<Formula> kids, Atom? atom = null)
    {
        var hash = new HashCode();
        hash.Add((int)kind);
        hash.Add(atom);
        foreach (Formula kid in kids) hash.Add(kid.Id);
        int place = hash.ToHashCode();
        _interned.TryGetValue(place, out Formula? first);
        for (Formula? known = first; known is not null; known = known.NextInterned)
        {
            if (known.Kind == kind && kids.SequenceEqual(known.Kids) && Equals(known.Atom, atom)) return known;
        }
        Bytes += FormulaBytes + 8 * kids.Length;
        return _interned[place] = new Formula(Count++, kind, atom, kids.ToArray()) { NextInterned = first };
    }
}
