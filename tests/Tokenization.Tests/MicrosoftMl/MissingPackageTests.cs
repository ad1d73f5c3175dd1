namespace Cluster.Tokenization.Tests.MicrosoftMl;

/// <summary>Stands in for the package's tests where it cannot be restored, so that they are reported as skipped.</summary>
public sealed class MissingPackageTests
{
    private const string Reason = "built without Microsoft.ML.Tokenizers (TokenizersAvailable=false: no configured package source has it)";

    [Fact(Skip = Reason)]
    public void SentencePieceFile_Load_EncodesAndSpells()
    {
    }

    [Fact(Skip = Reason)]
    public void TiktokenFile_Load_EncodesAndSpells()
    {
    }
}
