using System.Text;
using BenchmarkDotNet.Attributes;
using Cluster.Grammar;
using Cluster.Grammar.Validation;
using Cluster.Tokenization;

namespace Cluster.Benchmarks.Parts;

/// <summary>The parts of a request that the engine is in, one by one. CLUSTER_VOCAB names the stem of a vocabulary; without it, bytes.</summary>
[MemoryDiagnoser]
public class GrammarBenchmarks
{
    private const string Schema = """
        {"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":40},"age":{"type":"integer","minimum":0,"maximum":150},
        "mail":{"type":"string","format":"email"},"tags":{"type":"array","items":{"enum":["red","green","blue"]},"maxItems":3},
        "home":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/place"}]}},"required":["name","age"],"additionalProperties":false,
        "$defs":{"place":{"type":"object","properties":{"city":{"type":"string"},"zip":{"type":"string","pattern":"^[0-9]{5}$"}},"required":["city"]}}}
        """;

    private static readonly byte[] Document = """{"name":"Jane Doe","age":34,"mail":"jane@example.com","tags":["red","blue"],"home":{"city":"Berlin","zip":"10115"}}"""u8.ToArray();

    private readonly GrammarOptions _options = new();
    private Vocabulary _vocabulary = null!;
    private CompiledGrammar _grammar = null!;
    private GrammarMatcher _insideString;
    private SchemaValidator _validator = null!;
    private int _round;

    [GlobalSetup]
    public void SetUp()
    {
        string? stem = Environment.GetEnvironmentVariable("CLUSTER_VOCAB");
        _vocabulary = stem is null ? VocabularyFile.Bytes() : VocabularyFile.Read(stem);
        _grammar = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, Schema, _options)).Grammar!;
        _insideString = GrammarMatcher.Start(_grammar, _vocabulary);
        foreach (byte value in "{\"name\":\"Ja"u8)
        {
            int token = Enumerable.Range(0, _vocabulary.Size).First(id => !_vocabulary.IsSpecial(id) && _vocabulary.BytesOf(id).SequenceEqual([value]));
            _insideString.TryAdvance(token, out _insideString);
        }
        SchemaValidator.TryCreate(Encoding.UTF8.GetBytes(Schema), new ValidatorOptions(), out var validator, out _);
        _validator = validator!;
    }

    [Benchmark(Description = "compile a schema never seen")]
    public CompileResult Compile()
        => GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, Schema.Replace("name", $"name{_round++}", StringComparison.Ordinal), _options));

    [Benchmark(Description = "mask inside a string, known")]
    public bool Mask() => _insideString.GetMask().Allows(_vocabulary.EndIds[0]);

    [Benchmark(Description = "advance inside a string, known")]
    public bool Advance() => _insideString.TryAdvance('x' < _vocabulary.Size ? 'x' : 0, out _);

    [Benchmark(Description = "walk one document, masks known")]
    public int Walk()
    {
        var matcher = GrammarMatcher.Start(_grammar, _vocabulary);
        int steps = 0;
        while (!matcher.IsComplete)
        {
            int token = RandomWalk.Choose(matcher.GetMask(matcher.TokensToComplete), Fixed, _vocabulary.Size);
            matcher.TryAdvance(token, out matcher);
            steps++;
        }
        return steps;
    }

    [Benchmark(Description = "second reader: one document")]
    public bool Validate() => _validator.Validate(Document).IsValid;

    private static Random Fixed => new(1);
}
