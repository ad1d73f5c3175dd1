using System.Text;
using System.Text.Json.Nodes;
using Cluster.Grammar.Tests.Support;
using Cluster.Grammar.Validation;
using Cluster.Testing;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>
/// Random schemas over every keyword. What the engine samples must validate; what validates must be accepted; what does not, refused;
/// a schema called unsatisfiable must have no document.
/// </summary>
public sealed class RandomSchemaTests
{
    private const double CompiledShareMin = 0.95;

    /// <summary>Keywords that the engine may refuse wherever they stand; all others must compile, bar a few combinations.</summary>
    private static readonly string[] MayBeRefused = ["unevaluatedItems", "unevaluatedProperties"];

    private static readonly Vocabulary Tokens = OracleVocabulary.Full();
    private static readonly int Rounds = FullRun.Scale(150, 3000);

    public static TheoryData<PropertyOrder, Spelling, Whitespace> Options => new()
    {
        { PropertyOrder.Any, Spelling.Any, Whitespace.Bounded },
        { PropertyOrder.Any, Spelling.Canonical, Whitespace.Compact },
        { PropertyOrder.Schema, Spelling.Canonical, Whitespace.CompactOrSpaced },
        { PropertyOrder.Schema, Spelling.Any, Whitespace.Spaced },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Engine_RandomSchemas_AgreesWithTheSecondReader(PropertyOrder order, Spelling spelling, Whitespace whitespace)
    {
        var options = new GrammarOptions { Order = order, Spelling = spelling, Whitespace = whitespace };
        var failures = new List<string>();
        var refusals = new List<string>();
        for (int seed = 0; seed < Rounds && failures.Count < 10; seed++)
        {
            var random = new Random(seed * 31 + (int)whitespace);
            var generator = new RandomSchema(random);
            string schema = generator.Next();
            Assert.True(SchemaValidator.TryCreate(SchemaSuite.Utf8(schema), new ValidatorOptions(), out var validator, out var error), $"{schema}: {error}");
            var pool = Enumerable.Range(0, 60).Select(_ => generator.Value(2)).ToList();
            try
            {
                Try(schema, options, validator!, pool, random, failures, refusals);
            }
            catch (Exception error2) when (error2 is not OutOfMemoryException)
            {
                failures.Add($"seed {seed}: {schema}\n    {error2.GetType().Name}: {error2.Message}");
            }
        }
        Assert.True(failures.Count == 0, string.Join("\n", failures));
        Assert.True(refusals.Count <= (1 - CompiledShareMin) * Rounds, $"{refusals.Count} of {Rounds} refused:\n{string.Join("\n", refusals.Take(20))}");
    }

    private static void Try(
        string schema, GrammarOptions options, SchemaValidator validator, List<JsonNode?> pool, Random random, List<string> failures, List<string> refusals)
    {
        var compiled = EngineWalk.Compile(schema, options);
        bool IsValid(string text) => validator.Validate(Encoding.UTF8.GetBytes(text)).IsValid;
        if (compiled.Grammar is null)
        {
            var rejection = compiled.Rejections[0];
            if (rejection.Kind == SchemaRejectionKind.UnsupportedKeyword && MayBeRefused.Contains(rejection.Keyword)) return;
            if (rejection.Kind != SchemaRejectionKind.Unsatisfiable) refusals.Add($"{schema}: {rejection}");
            else if (pool.Select(Write).FirstOrDefault(IsValid) is { } document) failures.Add($"{schema}\n    is called unsatisfiable, but {document}");
            return;
        }
        // 1. What the engine makes validates. The samples join the pool, changed a little.
        for (int i = 0; i < 12; i++)
        {
            var (text, _) = EngineWalk.Sample(compiled.Grammar, Tokens, random, 4 + random.Next(30));
            if (!IsValid(text)) failures.Add($"{schema}\n    made {text}: {validator.Validate(Encoding.UTF8.GetBytes(text)).Outcome}");
            else if (!new TextRules(options, schema).Allow(text)) failures.Add($"{schema}\n    made {text}, which the options exclude");
            else if (text.Length < 200) pool.Add(Mutate(JsonNode.Parse(text), random));
        }
        // 2. Everything in the pool is judged alike.
        foreach (string text in pool.Select(Write))
        {
            bool isExpected = IsValid(text) && new TextRules(options, schema).Allow(text);
            if (EngineWalk.Accepts(compiled.Grammar, Tokens, options.Whitespace == Whitespace.Spaced ? Spaced(text) : text) == isExpected) continue;
            bool isSpelled = options.Spelling == Spelling.Any || TextRules.IsPlain(text);
            if (!isSpelled || options.Whitespace == Whitespace.Spaced || options.Order == PropertyOrder.Schema)
            {
                // Order among keys that only subschemas mention is not judged here, nor what one spelling is to the engine.
                if (!IsValid(text)) failures.Add($"{schema}\n    accepts {text}");
                continue;
            }
            failures.Add($"{schema}\n    {(isExpected ? "refuses" : "accepts")} {text}");
        }
    }

    private static string Write(JsonNode? value) => value?.ToJsonString() ?? "null";

    private static string Spaced(string compact) => compact.Replace(",", ", ", StringComparison.Ordinal).Replace(":", ": ", StringComparison.Ordinal);

    private static JsonNode? Mutate(JsonNode? value, Random random)
    {
        var generator = new RandomSchema(random);
        switch (value)
        {
            case JsonObject { Count: > 0 } members when random.Next(3) == 0:
                members.Remove(members.ElementAt(random.Next(members.Count)).Key);
                return members;
            case JsonObject members when random.Next(2) == 0:
                members[random.Next(2) == 0 ? "a" : "c"] = generator.Value(1);
                return members;
            case JsonObject { Count: > 0 } members:
                string key = members.ElementAt(random.Next(members.Count)).Key;
                members[key] = Mutate(members[key]?.DeepClone(), random);
                return members;
            case JsonArray { Count: > 0 } items when random.Next(3) == 0:
                items.RemoveAt(random.Next(items.Count));
                return items;
            case JsonArray { Count: > 0 } items when random.Next(2) == 0:
                items.Add(items[random.Next(items.Count)]?.DeepClone());
                return items;
            case JsonArray items:
                items.Add(generator.Value(1));
                return items;
            default:
                return random.Next(3) == 0 ? generator.Value(1) : value;
        }
    }
}
