using Cluster.Decoding.Models;

namespace Cluster.Decoding;

/// <summary>What must hold between any two steps of an engine. Tests check it after every step, a running server whenever its metrics are asked for.</summary>
public static class EngineInvariants
{
    private static readonly (string Name, Func<EngineSnapshot, ModelInfo, bool> Holds)[] Rules =
    [
        ("slots_owned", static (snapshot, _) => OwnersOf(snapshot).Count() == snapshot.RunningSequences),
        ("slot_owners_distinct", static (snapshot, _) => OwnersOf(snapshot).Distinct().Count() == OwnersOf(snapshot).Count()),
        ("slot_owner_known", static (snapshot, _) => OwnersOf(snapshot).All(static owner => owner > 0)),
        ("unused_slot_without_owner", static (snapshot, _) => snapshot.Slots.All(static slot => slot.Use is SlotUse.Prefilling or SlotUse.Decoding || slot.Sequence == 0)),
        ("slot_within_context", static (snapshot, model) => snapshot.Slots.All(slot => slot.Tokens >= 0 && slot.Tokens <= model.ContextLength)),
        ("free_slot_empty", static (snapshot, _) => snapshot.Slots.All(static slot => slot.Use != SlotUse.Free || slot.Tokens == 0)),
        ("sequences_within_slots", static (snapshot, _) => snapshot.RunningSequences <= snapshot.SlotsMax),
        ("outstanding_not_negative", static (snapshot, _) => snapshot.OutstandingTokens >= 0),
    ];

    /// <summary>The names of all.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Rules.Select(static rule => rule.Name)];

    /// <summary>The names of those that do not hold.</summary>
    public static IEnumerable<string> BrokenIn(EngineSnapshot snapshot, ModelInfo model)
    {
        foreach ((string name, Func<EngineSnapshot, ModelInfo, bool> holds) in Rules)
        {
            if (!holds(snapshot, model)) yield return name;
        }
    }

    private static IEnumerable<long> OwnersOf(EngineSnapshot snapshot)
        => snapshot.Slots.Where(static slot => slot.Use is SlotUse.Prefilling or SlotUse.Decoding).Select(static slot => slot.Sequence);
}
