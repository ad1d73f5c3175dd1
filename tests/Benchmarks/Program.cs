using System.CommandLine;
using Cluster.Benchmarks;
using Cluster.Benchmarks.Decoding;
using Cluster.Benchmarks.Edge;
using Cluster.Benchmarks.Sessions;
using Cluster.Benchmarks.Fuzz;
using Cluster.Benchmarks.Parts;
using Cluster.Benchmarks.Sample;
using Cluster.Benchmarks.Serve;
using Cluster.Benchmarks.Suite;
using Cluster.Benchmarks.Walk;

// The engine measured and tried from outside: nothing here knows more of it than GrammarCompiler, GrammarMatcher and TokenMask.
var root = new RootCommand("Benchmarks and long checks")
{
    WalkCommand.Create(),
    WalkWorker.CreateCommand(),
    SuiteCommand.Create(),
    SessionCommand.Create(),
    GraphsCommand.Create(),
    SamplerCommand.Create(),
    EngineCommand.Create(),
    AgreementCommand.Create(),
    ServeCommand.Create(),
    SampleCommand.Create(),
    FuzzCommand.Create(),
    HttpFuzzCommand.Create(),
    PartsCommand.Create(),
    EdgeCommand.Create(),
    FairCommand.Create(),
    StreamReaders.CreateCommand(),
};
return root.Parse(args).Invoke();
