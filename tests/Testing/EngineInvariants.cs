using Cluster.Decoding;
using Cluster.Decoding.Models;

namespace Cluster.Testing;

/// <summary>What must hold between any two steps of an engine.</summary>
public static class EngineInvariants
{
    public static void Check(EngineSnapshot snapshot, ModelInfo model)
    {
        long[] owners = [.. snapshot.Slots.Where(slot => slot.Use is SlotUse.Prefilling or SlotUse.Decoding).Select(slot => slot.Sequence)];
        Require(owners.Length == snapshot.RunningSequences, "as many owned slots as running sequences");
        Require(owners.Distinct().Count() == owners.Length, "no sequence owns two slots");
        Require(owners.All(owner => owner > 0), "an owned slot has an owner");
        Require(snapshot.Slots.Where(slot => slot.Use is SlotUse.Free or SlotUse.Cached).All(slot => slot.Sequence == 0),
            "a slot without use has none");
        Require(snapshot.Slots.All(slot => slot.Tokens >= 0 && slot.Tokens <= model.ContextLength), "no slot is overfull");
        Require(snapshot.Slots.All(slot => slot.Use != SlotUse.Free || slot.Tokens == 0), "a free slot holds nothing");
        Require(snapshot.RunningSequences <= snapshot.SlotsMax, "no more sequences than allowed");
        Require(snapshot.OutstandingTokens >= 0, "no negative load");
    }

    private static void Require(bool condition, string rule)
    {
        if (!condition) throw new InvalidOperationException($"Engine invariant broken: {rule}.");
    }
}
