using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>What is known about the smallest value that satisfies a predicate.</summary>
internal sealed class ValueGoal(Formula predicate)
{
    public Formula Predicate { get; } = predicate;

    /// <summary>Bytes of the smallest value in compact spelling; <see cref="Cost.None"/> while, or because, none is known.</summary>
    public int Bytes { get; set; } = Cost.None;

    /// <summary>Kind of the smallest value.</summary>
    public ValueKind Kind { get; set; }

    /// <summary>The members or items of the smallest value, where it is an object or an array.</summary>
    public LevelPlan Plan { get; set; }

    /// <summary>The figure will not change any more.</summary>
    public bool IsFinal { get; set; }

    public bool IsVisited { get; set; }

    /// <summary>Fuel that looking for it took so far, that of the values within it not counted.</summary>
    public long Fuel { get; set; }

    public bool IsOpen { get; set; }

    public List<ValueGoal> Dependents { get; } = [];
}

/// <summary>Arithmetic on bytes of a text that saturates.</summary>
internal static class Cost
{
    /// <summary>No text: nothing satisfies the predicate.</summary>
    public const int None = int.MaxValue;

    /// <summary>Texts longer than this count as none: a document of 64 MiB is nobody's answer.</summary>
    public const int Max = 1 << 26;

    public static int Add(int left, int right)
        => left == None || right == None ? None : left + right > Max ? None : left + right;

    public static int Times(int count, int each)
        => count == 0 ? 0 : each == None || (long)count * each > Max ? None : count * each;
}

/// <summary>How a computation reads costs: it notes what it consulted and what has yet to be solved.</summary>
internal sealed class CostReader(CostSolver solver, ValueGoal? dependent)
{
    private List<ValueGoal>? _missing;

    public bool HasMissing => _missing is { Count: > 0 };

    public List<ValueGoal> Missing => _missing ??= [];

    /// <summary>All that was consulted is final.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>Begins a part of the computation of which <see cref="IsComplete"/> is to speak alone.</summary>
    /// <returns>What <see cref="End"/> needs.</returns>
    public bool Begin()
    {
        bool outer = IsComplete;
        IsComplete = true;
        return outer;
    }

    /// <summary>Ends a part; true when all that it consulted is final.</summary>
    public bool End(bool outer)
    {
        bool isComplete = IsComplete;
        IsComplete &= outer;
        return isComplete;
    }

    public int BytesOf(Formula predicate)
    {
        if (predicate.IsTrue) return 1;
        if (predicate.IsFalse) return Cost.None;
        ValueGoal goal = solver.GoalOf(predicate);
        if (goal.IsFinal) return goal.Bytes;
        IsComplete = false;
        if (dependent is not null && !goal.Dependents.Contains(dependent)) goal.Dependents.Add(dependent);
        if (!goal.IsVisited) Missing.Add(goal);
        return goal.Bytes;
    }

    public bool IsImpossible(Formula predicate) => BytesOf(predicate) == Cost.None;
}

/// <summary>
/// Smallest values of predicates: a least fixpoint from "none" upwards, over an explicit list of open goals. Recursion in the schema is
/// then a cycle among goals, and one without a base stays at none: unsatisfiable.
/// </summary>
internal sealed class CostSolver(Machine machine)
{
    private readonly Dictionary<Formula, int> _heights = [];

    // Solved goals whose smallest value has brackets, and how many of them the greatest height takes into account.
    private readonly List<ValueGoal> _compounds = [];
    private int _countedGoals;
    private int _heightMost;

    public ValueGoal GoalOf(Formula predicate) => predicate.Goal ??= new ValueGoal(predicate);

    /// <summary>Bytes of the smallest value that satisfies <paramref name="predicate"/>; <see cref="Cost.None"/> if there is none.</summary>
    public int BytesOf(Formula predicate)
    {
        if (predicate.IsTrue) return 1;
        if (predicate.IsFalse) return Cost.None;
        return predicate.Goal is { IsFinal: true } goal ? goal.Bytes : Read(reader => reader.BytesOf(predicate));
    }

    /// <summary>Figures kept beside the goals themselves.</summary>
    public int Count => _compounds.Count + _heights.Count;

    /// <summary>No smallest value of a predicate that is solved so far has more levels of brackets than this.</summary>
    public int HeightMost
    {
        get
        {
            if (Volatile.Read(ref _countedGoals) == _compounds.Count) return _heightMost;
            lock (machine.Gate)
            {
                for (; _countedGoals < _compounds.Count; Volatile.Write(ref _countedGoals, _countedGoals + 1))
                {
                    _heightMost = Math.Max(_heightMost, HeightOf(_compounds[_countedGoals].Predicate));
                }
                return _heightMost;
            }
        }
    }

    /// <summary>Levels of brackets in the smallest value of a predicate that is solved.</summary>
    public int HeightOf(Formula predicate)
    {
        var open = new Stack<Formula>();
        open.Push(predicate);
        while (open.TryPeek(out Formula? formula))
        {
            int height = 0;
            int pending = open.Count;
            for (PlannedMember? member = GoalOf(formula).Plan.Last; member is not null; member = member.Before)
            {
                if (member.Predicate == member.Before?.Predicate) continue;
                if (_heights.TryGetValue(member.Predicate, out int known)) height = Math.Max(height, known);
                else open.Push(member.Predicate);
            }
            if (open.Count > pending) continue;
            open.Pop();
            bool isCompound = !formula.IsTrue && GoalOf(formula).Kind is ValueKind.Array or ValueKind.Object;
            _heights[formula] = isCompound ? height + 1 : 0;
        }
        return _heights[predicate];
    }

    /// <summary>Runs a computation on final costs, solving what it asks for.</summary>
    public T Read<T>(Func<CostReader, T> computation)
    {
        while (true)
        {
            var reader = new CostReader(this, null);
            T result = computation(reader);
            if (reader.IsComplete) return result;
            Solve(reader.Missing);
        }
    }

    private void Solve(List<ValueGoal> goals)
    {
        var visited = new List<ValueGoal>();
        var open = new Stack<ValueGoal>();
        (ValueGoal? Goal, long Before) present = (null, 0);
        foreach (ValueGoal goal in goals) Open(goal, open);
        try
        {
            while (open.TryPop(out ValueGoal? goal))
            {
                // Pushed again further up, and done there.
                if (!goal.IsOpen) continue;
                goal.IsOpen = false;
                present = (goal, machine.Fuel.Spent);
                if (!goal.IsVisited) visited.Add(goal);
                goal.IsVisited = true;
                machine.Spend();
                var reader = new CostReader(this, goal);
                (int bytes, ValueKind kind, LevelPlan plan) = Smallest(goal.Predicate, reader);
                goal.Fuel += machine.Fuel.Spent - present.Before;
                if (reader.HasMissing)
                {
                    Open(goal, open); // again, after what it waits for
                    foreach (ValueGoal missing in reader.Missing)
                    {
                        // Even if it is open further down: asked again before it, this goal would learn nothing.
                        missing.IsOpen = true;
                        open.Push(missing);
                    }
                }
                if (bytes < goal.Bytes)
                {
                    (goal.Bytes, goal.Kind, goal.Plan) = (bytes, kind, plan);
                    foreach (ValueGoal dependent in goal.Dependents) Open(dependent, open);
                }
                // Outside a recursion nothing that it depends on can change any more.
                if (reader.IsComplete) Finish(goal);
            }
            foreach (ValueGoal goal in visited) Finish(goal);
        }
        catch (FuelSpentException e)
        {
            if (present.Goal is not null) present.Goal.Fuel += machine.Fuel.Spent - present.Before;
            e.Predicate ??= visited.MaxBy(static x => x.Fuel)?.Predicate;
            throw;
        }
        finally
        {
            foreach (ValueGoal goal in open) goal.IsOpen = false;
            foreach (ValueGoal goal in visited)
            {
                if (!goal.IsFinal) (goal.IsVisited, goal.Bytes) = (false, Cost.None);
                goal.IsOpen = false;
            }
        }
    }

    private void Finish(ValueGoal goal)
    {
        if (!goal.IsFinal && goal.Plan.Last is not null) _compounds.Add(goal);
        goal.IsFinal = true;
        goal.Dependents.Clear();
    }

    private static void Open(ValueGoal goal, Stack<ValueGoal> open)
    {
        if (goal.IsOpen || goal.IsFinal) return;
        goal.IsOpen = true;
        open.Push(goal);
    }

    private (int Bytes, ValueKind Kind, LevelPlan Plan) Smallest(Formula predicate, CostReader reader)
    {
        (int Bytes, ValueKind Kind, LevelPlan Plan) best = (Cost.None, ValueKind.Null, default);
        void Offer(ValueKind kind, int bytes, LevelPlan plan = default)
        {
            if (bytes < best.Bytes) best = (bytes, kind, plan);
        }
        Formula Of(ValueKind kind) => machine.Projector.Project(predicate, kind);
        Offer(ValueKind.Number, machine.Levels.SmallestNumber(Of(ValueKind.Number)));
        if (best.Bytes == 1) return best;
        Offer(ValueKind.String, machine.Levels.SmallestString(Of(ValueKind.String)));
        if (best.Bytes == 2) return best;
        LevelPlan items = machine.Search.PlanArray(Of(ValueKind.Array), isFirst: true, reader);
        Offer(ValueKind.Array, Cost.Add(1, items.Bytes), items);
        if (best.Bytes == 2) return best;
        LevelPlan members = machine.Search.PlanObject(machine.Levels.StartOf(predicate), reader);
        Offer(ValueKind.Object, Cost.Add(1, members.Bytes), members);
        if (best.Bytes <= 4) return best;
        if (Of(ValueKind.Null).IsTrue) Offer(ValueKind.Null, 4);
        if (Of(ValueKind.True).IsTrue) Offer(ValueKind.True, 4);
        if (Of(ValueKind.False).IsTrue) Offer(ValueKind.False, 5);
        return best;
    }
}
