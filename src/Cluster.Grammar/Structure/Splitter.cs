namespace Cluster.Grammar.Structure;

/// <summary>One way a member's value can turn out: values of <paramref name="Predicate"/> leave <paramref name="Next"/> of the level's formula.</summary>
internal readonly record struct Outcome(Formula Predicate, Formula Next);

/// <summary>
/// Answers the open questions of a formula: splits it into outcomes, forking only what the verdicts distinguish.
/// </summary>
/// <remarks>
/// A disjunction forks into its branches, whichever questions they ask: of seven branches a value may satisfy any, but it is enough to know what each
/// one leads to (the subsets of them would be a hundred and more). Elsewhere questions are answered one by one. A question whose verdict must be yes is a plain conjunct of the value's predicate (no fork). One that occurs only positively forks
/// without negating: a value for which the verdict is yes may take the no-branch, whose formula implies the other's. Outcomes may thus
/// overlap; a level that two of them reach goes on with the disjunction. Only a question of mixed polarity needs the complement.
/// </remarks>
internal sealed class Splitter(Machine machine)
{
    private readonly Dictionary<Formula, Outcome[]> _known = [];

    /// <summary>Formulas split so far.</summary>
    public int Count => _known.Count;

    /// <summary>The outcomes of <paramref name="formula"/> on final costs.</summary>
    public Outcome[] Split(Formula formula)
    {
        if (_known.TryGetValue(formula, out Outcome[]? known)) return known;
        return machine.Costs.Read(reader => Split(formula, reader));
    }

    /// <summary>The outcomes of <paramref name="formula"/>; those whose predicate no value satisfies may be among them.</summary>
    public Outcome[] Split(Formula formula, CostReader costs)
    {
        if (!formula.HasQuestions) return [new Outcome(machine.Store.True, formula)];
        if (_known.TryGetValue(formula, out Outcome[]? known)) return known;
        bool outer = costs.Begin();
        var done = new Dictionary<Formula, Formula>();
        var order = new List<Formula>();
        var open = new Stack<(Formula Predicate, Formula Formula)>();
        open.Push((machine.Store.True, formula));
        bool isForked = false;
        while (open.TryPop(out (Formula Predicate, Formula Formula) item))
        {
            machine.Spend();
            (Formula predicate, Formula rest) = Propagate(item.Predicate, item.Formula);
            if (rest.IsFalse || predicate.IsFalse) continue;
            if (isForked && costs.IsImpossible(predicate)) continue;
            if (!rest.HasQuestions)
            {
                if (!done.TryGetValue(rest, out Formula? before)) order.Add(rest);
                done[rest] = before is null ? predicate : machine.Store.Or(before, predicate);
                continue;
            }
            isForked = true;
            if (BranchesOf(rest) is { } branches)
            {
                for (int i = branches.Length - 1; i >= 0; i--) open.Push((predicate, branches[i]));
                continue;
            }
            Formula question = FirstQuestion(rest);
            Formula asked = ((Question)question.Atom!).Predicate;
            Polarity polarity = PolarityOf(rest, question, []);
            FormulaStore store = machine.Store;
            Formula yes = polarity == Polarity.Negative ? predicate : store.And(predicate, asked);
            Formula no = polarity == Polarity.Positive ? predicate : store.And(predicate, store.Not(asked));
            open.Push((no, Decide(rest, question, false)));
            open.Push((yes, Decide(rest, question, true)));
        }
        // What the same values lead to is one outcome.
        Outcome[] outcomes = [.. order.GroupBy(x => done[x]).Select(group => new Outcome(group.Key, machine.Store.Or(group)))];
        if (costs.End(outer) || !isForked) _known[formula] = outcomes;
        return outcomes;
    }

    /// <summary>Moves questions whose verdict is fixed by the formula's shape into the predicate.</summary>
    private (Formula Predicate, Formula Left) Propagate(Formula predicate, Formula formula)
    {
        FormulaStore store = machine.Store;
        while (true)
        {
            if (formula.Atom is Question all) return (store.And(predicate, all.Predicate), store.True);
            if (formula.Kind == FormulaKind.Not && formula.Kids[0].Atom is Question none)
            {
                return (store.And(predicate, store.Not(none.Predicate)), store.True);
            }
            if (formula.Kind != FormulaKind.And) return (predicate, formula);
            var decided = new Dictionary<Formula, bool>();
            foreach (Formula kid in formula.Kids)
            {
                if (kid.Atom is Question) decided[kid] = true;
                else if (kid.Kind == FormulaKind.Not && kid.Kids[0].Atom is Question) decided[kid.Kids[0]] = false;
            }
            if (decided.Count == 0) return (predicate, formula);
            ulong questions = 0;
            foreach (Formula question in decided.Keys) questions |= question.Questions;
            predicate = store.And(decided.Select(x => x.Value
                ? ((Question)x.Key.Atom!).Predicate
                : store.Not(((Question)x.Key.Atom!).Predicate)).Prepend(predicate));
            formula = store.Rewrite(formula, atom => decided.TryGetValue(atom, out bool verdict) ? store.Constant(verdict) : atom, questions: questions);
        }
    }

    /// <summary>The formulas that a formula is the disjunction of, where one of its conjuncts is a disjunction with questions; else null.</summary>
    private Formula[]? BranchesOf(Formula formula)
    {
        if (formula.Kind == FormulaKind.Or) return formula.Kids;
        if (formula.Kind != FormulaKind.And || Array.Find(formula.Kids, static x => x.Kind == FormulaKind.Or && x.HasQuestions) is not { } choice) return null;
        IEnumerable<Formula> others = formula.Kids.Where(x => x != choice);
        return [.. choice.Kids.Select(x => machine.Store.And(others.Append(x)))];
    }

    private Formula Decide(Formula formula, Formula question, bool verdict)
        => machine.Store.Rewrite(formula, atom => atom == question ? machine.Store.Constant(verdict) : atom, questions: question.Questions);

    private static Formula FirstQuestion(Formula formula)
    {
        while (formula.Kind != FormulaKind.Atom) formula = formula.Kids.First(static x => x.HasQuestions);
        return formula;
    }

    [Flags]
    internal enum Polarity { None = 0, Positive = 1, Negative = 2, Both = 3 }

    internal static Polarity PolarityOf(Formula formula, Formula atom, Dictionary<Formula, Polarity> memo)
    {
        if (formula == atom) return Polarity.Positive;
        if ((formula.Questions & atom.Questions) == 0) return Polarity.None;
        if (memo.TryGetValue(formula, out Polarity known)) return known;
        var result = Polarity.None;
        foreach (Formula kid in formula.Kids) result |= PolarityOf(kid, atom, memo);
        result = (formula.Kind, result) switch
        {
            (FormulaKind.Not, Polarity.Positive) => Polarity.Negative,
            (FormulaKind.Not, Polarity.Negative) => Polarity.Positive,
            (FormulaKind.ExactlyOne, not Polarity.None) => Polarity.Both,
            _ => result,
        };
        return memo[formula] = result;
    }
}
