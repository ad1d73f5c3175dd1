using Cluster.Decoding.Tests.Support;
using Cluster.Testing;

namespace Cluster.Decoding.Tests;

public class AllocationTests
{
    /// <summary>The delta that a sink receives is one object; nothing else is allocated.</summary>
    private const int BytesPerTokenMax = 96;

    [Theory]
    [InlineData(0f)]
    [InlineData(0.8f)]
    public void Step_Warm_AllocatesTheDeltaAndNothingElse(float temperature)
    {
        using var bench = new Bench(Scripts.WithoutEnd(Scripts.Noise(1)), info: FakeModel.SmallInfo(300, slots: 8, contextLength: 2048));
        long tokens = 0;
        for (int i = 0; i < 8; i++)
        {
            var sampling = new SamplingOptions { Temperature = temperature, TopP = 0.9f, Seed = (ulong)i };
            bench.Engine.Submit(
                new SequenceSubmission { Journal = Bench.Journal([1, 2, i], 2000, sampling), Sink = delta => tokens += delta.Tokens.Length });
        }
        for (int i = 0; i < 600; i++) bench.Engine.Step();
        tokens = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++) bench.Engine.Step();
        long perToken = (GC.GetAllocatedBytesForCurrentThread() - before) / tokens;
        TestContext.Current.SendDiagnosticMessage($"{perToken} bytes per token");
        Assert.True(perToken <= BytesPerTokenMax, $"{perToken} bytes per token");
    }
}
