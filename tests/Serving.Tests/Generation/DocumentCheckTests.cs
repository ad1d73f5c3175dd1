using Cluster.Grammar;
using Cluster.Serving.Generation;

namespace Cluster.Serving.Tests.Generation;

public sealed class DocumentCheckTests
{
    /// <summary>A schema of exactly so many bytes that allows the number alone.</summary>
    private static GrammarSpec Spec(int number, int bytes) => new(GrammarKind.JsonSchema, $$"""{"const":{{number}}}""".PadRight(bytes), new GrammarOptions());

    private static void AssertChecks(DocumentCheck check, int number, int bytes)
    {
        Assert.Null(check.FindBreach(Spec(number, bytes), System.Text.Encoding.UTF8.GetBytes($"{number}")));
        Assert.Contains("const", check.FindBreach(Spec(number, bytes), "-1"u8), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 3, 300)] // At the bound all are kept.
    [InlineData(4, 1, 100)] // One more: it alone.
    public void FindBreach_PastSchemaBytesMax_BeginsAfresh(int schemas, int kept, long bytes)
    {
        var check = new DocumentCheck(new DocumentCheckOptions { SchemaBytesMax = 300 });
        for (int n = 0; n < schemas; n++) AssertChecks(check, n, 100);
        Assert.Equal((kept, bytes), (check.Validators, check.SchemaBytes));
    }

    [Theory]
    [InlineData(100, 1)]
    [InlineData(101, 0)]
    public void FindBreach_OneSchemaPastTheBound_IsCheckedAndNotKept(int schemaBytes, int kept)
    {
        var check = new DocumentCheck(new DocumentCheckOptions { SchemaBytesMax = 100 });
        AssertChecks(check, 7, schemaBytes);
        Assert.Equal(kept, check.Validators);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    public void FindBreach_PastValidatorsMax_BeginsAfresh(int schemas, int kept)
    {
        var check = new DocumentCheck(new DocumentCheckOptions { ValidatorsMax = 2 });
        for (int n = 0; n < schemas; n++) AssertChecks(check, n, 50);
        Assert.Equal(kept, check.Validators);
    }
}
