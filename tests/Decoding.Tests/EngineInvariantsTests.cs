using System.Diagnostics.Metrics;
using Cluster.Testing;

namespace Cluster.Decoding.Tests;

public class EngineInvariantsTests
{
    private static readonly EngineSnapshot Good = new()
    {
        Health = EngineHealth.Ready, RunningSequences = 2, WaitingSequences = 0, OutstandingTokens = 7, SlotsMax = 3, Counters = default,
        Slots = [new(SlotUse.Decoding, 1, 5), new(SlotUse.Prefilling, 2, 0), new(SlotUse.Cached, 0, 9), new(SlotUse.Free, 0, 0)],
    };

    public static TheoryData<string> Names => [.. EngineInvariants.Names];

    private static EngineSnapshot Broken(string name) => name switch
    {
        "slots_owned" => Good with { RunningSequences = 1 },
        "slot_owners_distinct" => Good with { Slots = Good.Slots.SetItem(1, new(SlotUse.Prefilling, 1, 0)) },
        "slot_owner_known" => Good with { Slots = Good.Slots.SetItem(1, new(SlotUse.Prefilling, 0, 0)) },
        "unused_slot_without_owner" => Good with { Slots = Good.Slots.SetItem(2, new(SlotUse.Cached, 3, 9)) },
        "slot_within_context" => Good with { Slots = Good.Slots.SetItem(0, new(SlotUse.Decoding, 1, 65)) },
        "free_slot_empty" => Good with { Slots = Good.Slots.SetItem(3, new(SlotUse.Free, 0, 1)) },
        "sequences_within_slots" => Good with { SlotsMax = 1 },
        "outstanding_not_negative" => Good with { OutstandingTokens = -1 },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No case."),
    };

    [Fact]
    public void BrokenIn_AGoodSnapshot_IsNothing() => Assert.Empty(EngineInvariants.BrokenIn(Good, FakeModel.SmallInfo(300) with { ContextLength = 64 }));

    [Theory]
    [MemberData(nameof(Names))]
    public void BrokenIn_NamesWhatDoesNotHold(string name)
        => Assert.Equal([name], EngineInvariants.BrokenIn(Broken(name), FakeModel.SmallInfo(300) with { ContextLength = 64 }));

    [Fact]
    public void Metrics_TellEachInvariant_AndCountEachLookThatFindsItBroken()
    {
        string id = Guid.NewGuid().ToString();
        EngineSnapshot now = Good;
        using var metrics = new EngineMetrics(FakeModel.SmallInfo(300) with { Id = id, ContextLength = 64 }, "", () => now);
        var told = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "cluster.invariant.breaches" && instrument.Meter.Tags!.Contains(new("model", id))) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => told[(string)tags[0].Value!] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(EngineInvariants.Names.Order(), told.Keys.Order());
        Assert.All(told.Values, value => Assert.Equal(0, value));
        now = Broken("free_slot_empty");
        for (int look = 1; look <= 2; look++)
        {
            listener.RecordObservableInstruments();
            Assert.Equal(look, told["free_slot_empty"]);
            Assert.Equal(look, told.Values.Sum());
        }
    }
}
