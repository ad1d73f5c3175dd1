using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Cluster.Benchmarks.Parts;

/// <summary><c>parts</c>: BenchmarkDotNet over single operations, in this process, because only it has the project's build settings.</summary>
internal static class PartsCommand
{
    public static Command Create()
    {
        var command = new Command("parts", "BenchmarkDotNet over compile, mask, advance, a walk and the second reader.");
        command.SetAction(_ =>
        {
            var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
            BenchmarkRunner.Run<GrammarBenchmarks>(DefaultConfig.Instance.AddJob(job));
            return 0;
        });
        return command;
    }
}
