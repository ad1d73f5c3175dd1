using System.Diagnostics.Metrics;
using Cluster.Decoding.Models;
using Cluster.Decoding.Tests.Support;
using Cluster.Testing;

namespace Cluster.Decoding.Tests;

public class EngineMetricsTests
{
    [Fact]
    public void Run_IsCounted_UnderModelAndDevice()
    {
        var totals = new Dictionary<string, double>();
        using var listener = new MeterListener();
        string id = $"metrics-{Environment.CurrentManagedThreadId}";
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == EngineMetrics.MeterName
                && instrument.Meter.Tags!.Contains(new("model", id))) self.EnableMeasurementEvents(instrument);
        };
        void Add(Instrument instrument, double value) => totals[instrument.Name] = totals.GetValueOrDefault(instrument.Name) + value;
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => Add(instrument, 1));
        listener.Start();

        using var bench = new Bench(Scripts.WithoutEnd(Scripts.Noise(1)), info: FakeModel.SmallInfo(300) with { Id = id });
        bench.Model.OnExecute = (_, run) => { if (run == 2) throw new ModelException("injected"); };
        bench.Submit(Bench.Journal([1, 2, 3], 5));
        listener.RecordObservableInstruments();
        Assert.Equal(1, totals["cluster.engine.sequences.waiting"]);
        bench.RunUntilIdle();

        Assert.Equal(5, totals["cluster.engine.step.duration"]);
        Assert.Equal(3, totals["cluster.engine.prompt.tokens"]);
        Assert.Equal(5, totals["cluster.engine.emitted.tokens"]);
        Assert.Equal(1, totals["cluster.engine.step.failures"]);
        Assert.Equal(1, totals["cluster.engine.submissions"]);
    }
}
