using Cluster.Grammar.Tests.Support;
using Cluster.Grammar.Validation;
using Cluster.Testing;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>Nothing else may run beside these: their limit is processor time of the process.</summary>
[CollectionDefinition(nameof(HostileTests), DisableParallelization = true)]
public sealed class HostileCollection;

/// <summary>Every hostile schema is answered soon: a typed rejection, or a grammar whose first document closes.</summary>
[Collection(nameof(HostileTests))]
public sealed class HostileTests(ITestOutputHelper output)
{
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(60);
    private const int WalkedTokensMax = 5_000;
    private static readonly Vocabulary Tokens = OracleVocabulary.Full();

    [Fact]
    public async Task Engine_HostileSchemas_AnswerSoonButForTheKnownOnes()
    {
        var known = Baseline.Read("hostile");
        var wrong = new List<string>();
        foreach (var (name, schema) in All())
        {
            if (known.Contains(name) && !FullRun.IsOn)
            {
                output.WriteLine($"known to fail, tried only with CLUSTER_FULL=1: {name}");
                continue;
            }
            var attempt = Task.Run(() => Try(schema));
            bool isDone = await Task.WhenAny(attempt, Task.Delay(HangLimit)) == attempt;
            string failure = isDone ? await attempt : $"no answer within {HangLimit.TotalSeconds} s";
            if (failure.Length == 0) continue;
            output.WriteLine($"{name}: {failure}");
            wrong.Add(name);
        }
        Assert.True(wrong.TrueForAll(known.Contains), string.Join("\n", wrong.Except(known)));
    }

    private static string Try(string schema)
    {
        try
        {
            // 1. The answer comes soon.
            CompileResult? compiled = null;
            TimeSpan best = AnswerTime.Best(() =>
            {
                compiled = EngineWalk.Compile(schema, new GrammarOptions { Order = PropertyOrder.Any });
                if (compiled.Grammar is { } first) GrammarMatcher.Start(first, Tokens).GetMask();
            });
            if (best > AnswerTime.Limit) return $"{best.TotalMilliseconds} ms";
            if (compiled!.Grammar is null) return compiled.Rejections.Any(it => it.Message.Length > 0) ? "" : "refused without a reason";
            // 2. A grammar works: a document within the fewest tokens, if they are not too many to walk here.
            var matcher = GrammarMatcher.Start(compiled.Grammar, Tokens);
            if (matcher.TokensToComplete > WalkedTokensMax) return "";
            var (text, _) = EngineWalk.Sample(compiled.Grammar, Tokens, new Random(2), matcher.TokensToComplete);
            if (!SchemaValidator.TryCreate(SchemaSuite.Utf8(schema), new ValidatorOptions(), out var validator, out _)) return "";
            var outcome = validator!.Validate(SchemaSuite.Utf8(text)).Outcome;
            return outcome is ValidationOutcome.Invalid or ValidationOutcome.Malformed ? $"{outcome}: {text[..Math.Min(200, text.Length)]}" : "";
        }
        catch (Exception error)
        {
            return $"threw {error.GetType().Name}: {error.Message}";
        }
    }

    private static IEnumerable<(string Name, string Schema)> All()
    {
        string path = Path.Combine(SharedData.RepositoryRoot, "tests", "Grammar.Tests", "hostile", "schemas.txt");
        foreach (string line in File.ReadLines(path))
        {
            if (line.Length > 0 && !line.StartsWith("# ", StringComparison.Ordinal)) yield return (line, line);
        }
        // The giants take minutes while some of them are not answered soon.
        foreach (var generated in FullRun.IsOn ? HostileSchemas.Generated() : []) yield return generated;
    }
}
