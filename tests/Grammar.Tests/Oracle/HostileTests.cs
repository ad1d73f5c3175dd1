using System.Diagnostics;
using Cluster.Grammar.Tests.Support;
using Cluster.Grammar.Validation;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>Every hostile schema is answered soon: a typed rejection, or a grammar whose first document closes.</summary>
public sealed class HostileTests
{
    /// <summary>The bar is 100 ms on an idle machine; the test machine is shared, so the best of several tries counts.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(100);
    private const int Tries = 5;
    private static readonly Vocabulary Tokens = OracleVocabulary.Full();

    public static TheoryData<string> Names() => [.. All().Select(it => it.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Engine_HostileSchema_AnswersSoon(string name)
    {
        string schema = All().First(it => it.Name == name).Schema;
        // 1. Once for the just-in-time compiler, then the best of a few.
        var best = TimeSpan.MaxValue;
        CompileResult? compiled = null;
        for (int i = 0; i < Tries && best > Limit; i++)
        {
            long start = Stopwatch.GetTimestamp();
            compiled = EngineWalk.Compile(schema, new GrammarOptions { Order = PropertyOrder.Any });
            if (compiled.Grammar is { } first) GrammarMatcher.Start(first, Tokens).GetMask();
            var time = Stopwatch.GetElapsedTime(start);
            if (time < best) best = time;
        }
        Assert.True(best <= Limit, $"{best.TotalMilliseconds} ms");
        if (compiled!.Grammar is null)
        {
            Assert.NotEmpty(compiled.Rejections);
            Assert.All(compiled.Rejections, rejection => Assert.NotEqual("", rejection.Message));
            return;
        }
        // 2. A grammar works: a document within the fewest tokens, if they are not too many to walk here.
        var matcher = GrammarMatcher.Start(compiled.Grammar, Tokens);
        if (matcher.TokensToComplete > 20_000) return;
        var (text, _) = EngineWalk.Sample(compiled.Grammar, Tokens, new Random(2), matcher.TokensToComplete);
        if (!SchemaValidator.TryCreate(SchemaSuite.Utf8(schema), new ValidatorOptions(), out var validator, out _)) return;
        var outcome = validator!.Validate(SchemaSuite.Utf8(text)).Outcome;
        Assert.True(outcome is not (ValidationOutcome.Invalid or ValidationOutcome.Malformed), $"{outcome}: {text[..Math.Min(200, text.Length)]}");
    }

    private static IEnumerable<(string Name, string Schema)> All()
    {
        string path = Path.Combine(SharedData.RepositoryRoot, "tests", "Grammar.Tests", "hostile", "schemas.txt");
        foreach (string line in File.ReadLines(path))
        {
            if (line.Length > 0 && !line.StartsWith("# ", StringComparison.Ordinal)) yield return (line, line);
        }
        foreach (var generated in HostileSchemas.Generated()) yield return generated;
    }
}
