using Cluster.Benchmarks.Decoding;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Onnx.Tests;

/// <summary>A slice of the long run <c>Benchmarks agreement</c>, on the model that ships with the project.</summary>
public sealed class AgreementRunTests
{
    [Fact]
    public void Requests_AloneInABatchAndContinuedAnywhere_GetTheSameTokens()
    {
        string folder = Path.Combine(Root(), "cluster-config", "models", "cluster-extract-1");
        var run = new AgreementRun(folder, new TokenizerFolder(folder).LoadTokenizer(), slots: 8);

        AgreementResult result = run.Run(requests: 200, everyPosition: 20);

        Assert.Equal(200, result.Requests);
        Assert.True(result.Continuations > 400, $"{result.Continuations} continuations are no slice");
        Assert.True(result.Differing <= 2, $"{result.Differing} of {result.Requests} differ");
        Assert.Equal((0, 0), (result.Unexplained, result.ContinuedDiffering));
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Cluster.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("the tests run outside of the repository");
    }
}
