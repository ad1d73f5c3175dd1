using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>Writes smallest values by what is known of them now: while costs are being solved, parts may yet become smaller.</summary>
internal sealed class ValueText(Machine machine)
{
    private readonly List<byte> _text = [];
    private readonly Stack<(byte[]? Text, Formula? Value)> _open = new();

    /// <summary>The compact text of a smallest value of <paramref name="predicate"/>, which some value satisfies.</summary>
    public byte[] Of(Formula predicate)
    {
        machine.Costs.BytesOf(predicate);
        return Now(predicate);
    }

    /// <summary>The same for a predicate of which some value is known already.</summary>
    public byte[] Now(Formula predicate)
    {
        _text.Clear();
        _open.Clear();
        _open.Push((null, predicate));
        while (_open.TryPop(out (byte[]? Text, Formula? Value) task))
        {
            machine.Spend();
            if (task.Text is not null) _text.AddRange(task.Text);
            else if (task.Value!.IsTrue) _text.Add((byte)'0');
            else Add(task.Value);
        }
        return [.. _text];
    }

    private void Add(Formula value)
    {
        ValueGoal goal = machine.Costs.GoalOf(value);
        switch (goal.Kind)
        {
            case ValueKind.Null: _text.AddRange("null"u8); break;
            case ValueKind.True: _text.AddRange("true"u8); break;
            case ValueKind.False: _text.AddRange("false"u8); break;
            case ValueKind.Number: _text.AddRange(machine.Levels.SmallestNumberText(value)); break;
            case ValueKind.String: _text.AddRange(machine.Levels.SmallestStringText(value)); break;
            case ValueKind.Array: Push(goal.Plan, (byte)'[', (byte)']'); break;
            default: Push(goal.Plan, (byte)'{', (byte)'}'); break;
        }
    }

    private void Push(LevelPlan level, byte first, byte last)
    {
        _open.Push(([last], null));
        for (PlannedMember? member = level.Last; member is not null; member = member.Before)
        {
            _open.Push((null, member.Predicate));
            if (member.Key is not null) _open.Push(([.. member.Key, (byte)':'], null));
            if (member.Before is not null) _open.Push(([(byte)','], null));
        }
        _open.Push(([first], null));
    }
}
