using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Cluster.Grammar;
using Cluster.Grammar.Validation;
using Cluster.Tokenization;

namespace Cluster.Benchmarks.Sample;

/// <summary>
/// <c>sample</c>: documents decoded with random logits, each checked by the second reader here, and written out for an independent
/// validator (soundness/verify.mjs).
/// </summary>
internal static class SampleCommand
{
    public static Command Create()
    {
        var vocabulary = new Option<string>("--vocab") { Description = "stem of .tsv and .meta.json; without it every byte is a token" };
        var cases = new Option<string>("--cases") { Description = "case file whose schemas are used" };
        var suite = new Option<string>("--suite") { Description = "folder of JSON-Schema-Test-Suite whose schemas are used" };
        var count = new Option<int>("--random") { Description = "random schemas", DefaultValueFactory = _ => 2000 };
        var documents = new Option<int>("--documents") { Description = "documents in all", DefaultValueFactory = _ => 1_000_000 };
        var tokens = new Option<int>("--tokens") { Description = "most tokens of a document beyond its fewest", DefaultValueFactory = _ => 60 };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1 };
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 2 };
        var output = new Option<string>("--out") { Required = true, Description = "folder for schemas.jsonl and documents.jsonl" };
        var flags = new GrammarFlags();
        var command = new Command("sample", "Sample documents with random logits and check every one.") { vocabulary, cases, suite, count, documents, tokens, seed, threads, output };
        flags.AddTo(command);
        command.SetAction(parsed =>
        {
            var schemas = new List<SourceSchema>();
            if (parsed.GetValue(cases) is { } caseFile) schemas.AddRange(SchemaSource.Cases(caseFile));
            if (parsed.GetValue(suite) is { } directory) schemas.AddRange(SchemaSource.Suite(directory));
            schemas.AddRange(SchemaSource.Random(parsed.GetValue(count), parsed.GetValue(seed) * 1_000_000));
            var words = parsed.GetValue(vocabulary) is { } stem ? VocabularyFile.Read(stem) : VocabularyFile.Bytes();
            var sampler = new Sampler(words, flags.Read(parsed), schemas, parsed.GetValue(tokens), parsed.GetValue(seed));
            return sampler.Run(parsed.GetRequiredValue(output), parsed.GetValue(documents), parsed.GetValue(threads));
        });
        return command;
    }

    private sealed class Sampler(Vocabulary vocabulary, GrammarOptions options, List<SourceSchema> schemas, int tokensMax, int seed)
    {
        private readonly Lock _output = new();
        private long _documents, _invalid, _broken, _undecided, _bytes;
        private int _compiled, _refused;

        public int Run(string folder, int documents, int threads)
        {
            Directory.CreateDirectory(folder);
            using var schemaFile = new StreamWriter(Path.Combine(folder, "schemas.jsonl"));
            using var documentFile = new StreamWriter(Path.Combine(folder, "documents.jsonl"));
            // Refused schemas leave their share to the others, so compile once to count them.
            var usable = schemas.Where(schema => GrammarCompiler.Compile(SpecOf(schema)).Grammar is not null).ToList();
            (_compiled, _refused) = (usable.Count, schemas.Count - usable.Count);
            int share = (documents + usable.Count - 1) / Math.Max(1, usable.Count);
            long start = Stopwatch.GetTimestamp();
            Parallel.For(0, usable.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, index => RunSchema(usable[index], index, share, schemaFile, documentFile));
            Console.WriteLine($"schemas {_compiled} compiled, {_refused} refused");
            Console.WriteLine($"documents {_documents}, {_bytes / Math.Max(1, _documents)} bytes each, {Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s");
            Console.WriteLine($"invalid by the second reader {_invalid}, undecided {_undecided}, promises broken {_broken}");
            return _invalid + _broken == 0 ? 0 : 1;
        }

        private GrammarSpec SpecOf(SourceSchema schema) => new(GrammarKind.JsonSchema, schema.Text, options);

        private void RunSchema(SourceSchema schema, int index, int share, StreamWriter schemaFile, StreamWriter documentFile)
        {
            var grammar = GrammarCompiler.Compile(SpecOf(schema)).Grammar!;
            SchemaValidator.TryCreate(Encoding.UTF8.GetBytes(schema.Text), new ValidatorOptions { Format = options.Format }, out var validator, out _);
            var random = new Random(HashCode.Combine(seed, index));
            var lines = new StringBuilder();
            var tokens = new List<int>();
            for (int i = 0; i < share; i++)
            {
                // Short budgets close early and meet the bound; long ones wander.
                byte[]? text = RandomWalk.Sample(grammar, vocabulary, random, random.Next(tokensMax), random.NextDouble() * 0.5, tokens, out string broken);
                if (text is null)
                {
                    Interlocked.Increment(ref _broken);
                    Report(schema, $"broken: {broken}");
                    continue;
                }
                Interlocked.Increment(ref _documents);
                Interlocked.Add(ref _bytes, text.Length);
                var result = validator?.Validate(text);
                if (result is null || result.Outcome is ValidationOutcome.TimedOut or ValidationOutcome.TooDeep) Interlocked.Increment(ref _undecided);
                else if (!result.IsValid)
                {
                    Interlocked.Increment(ref _invalid);
                    Report(schema, $"{result.Outcome} {result.Keyword}: {Encoding.UTF8.GetString(text)}");
                }
                lines.Append($"{{\"s\":{index},\"d\":{JsonSerializer.Serialize(Encoding.UTF8.GetString(text))}}}\n");
            }
            lock (_output)
            {
                schemaFile.WriteLine($"{{\"s\":{index},\"id\":{JsonSerializer.Serialize(schema.Id)},\"schema\":{JsonSerializer.Serialize(schema.Text)}}}");
                documentFile.Write(lines);
            }
        }

        private void Report(SourceSchema schema, string what)
        {
            lock (_output) Console.WriteLine($"{schema.Id}: {what}\n    {(schema.Text.Length > 400 ? schema.Text[..400] : schema.Text)}");
        }
    }
}
