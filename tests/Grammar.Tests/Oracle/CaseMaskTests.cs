using Cluster.Grammar.Tests.Support;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>The engine on the case files that the second reader is tried on.</summary>
public sealed class CaseMaskTests
{
    private static readonly Vocabulary Bytes = OracleVocabulary.Full();
    private static readonly GrammarOptions Any = new() { Order = PropertyOrder.Any, Spelling = Spelling.Any, Whitespace = Whitespace.Bounded };

    public static TheoryData<SchemaCase> Cases() => CaseFile.Theory();

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Masks_Case_AsWritten(SchemaCase it)
    {
        var compiled = EngineWalk.Compile(it.Schema, Any);
        if (compiled.Grammar is null)
        {
            var rejection = compiled.Rejections[0];
            bool isUnsatisfiable = rejection.Kind == SchemaRejectionKind.Unsatisfiable && it.Valid.Length == 0;
            Assert.True(isUnsatisfiable || (it.Refused.Length > 0 && rejection.Keyword == it.Refused), rejection.ToString());
            return;
        }
        var random = new Random(7);
        var wrong = new List<string>();
        foreach (string text in it.Valid)
        {
            if (!EngineWalk.Accepts(compiled.Grammar, Bytes, text)) wrong.Add($"refused: {text}");
            else if (!EngineWalk.AcceptsInTokens(compiled.Grammar, Bytes, text, random)) wrong.Add($"refused in long tokens: {text}");
        }
        foreach (string text in it.Invalid.Concat(it.Malformed))
        {
            if (EngineWalk.Accepts(compiled.Grammar, Bytes, text)) wrong.Add($"accepted: {text}");
            else if (EngineWalk.AcceptsInTokens(compiled.Grammar, Bytes, text, random)) wrong.Add($"accepted in long tokens: {text}");
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }
}
