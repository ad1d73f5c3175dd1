using System.Text;
using Cluster.Grammar;
using Cluster.Testing;
using Cluster.Tokenization;

namespace Cluster.Benchmarks.Suite;

internal enum VerdictKind { Right, Refused, Wrong }

internal sealed record SuiteVerdict(string Group, VerdictKind Kind, int InvalidAccepted, int ValidRefused, string Detail);

/// <summary>Judges groups of the suite by walking their instances byte by byte.</summary>
internal sealed class SuiteRunner(GrammarOptions options, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> remotes)
{
    private readonly Vocabulary _vocabulary = VocabularyFile.Bytes();

    public SuiteVerdict Run(SuiteGroup group, string draft)
    {
        string name = $"{group.File} / {group.Group}";
        try
        {
            var spec = new GrammarSpec(GrammarKind.JsonSchema, SchemaSuite.WithDialect(group.Schema, draft), options);
            var compiled = GrammarCompiler.Compile(spec, remotes: remotes);
            if (compiled.Grammar is null) return Refusal(name, group, compiled.Rejections);

            var mistakes = new List<string>();
            int accepted = 0, refused = 0;
            foreach ((string description, string document, bool isValid) in group.Tests)
            {
                if (IsAccepted(compiled.Grammar, document) == isValid) continue;
                if (isValid) refused++;
                else accepted++;
                mistakes.Add($"{description} ({(isValid ? "valid, refused" : "invalid, accepted")})");
            }
            return new SuiteVerdict(name, mistakes.Count == 0 ? VerdictKind.Right : VerdictKind.Wrong, accepted, refused, string.Join("; ", mistakes));
        }
        catch (Exception error)
        {
            return new SuiteVerdict(name, VerdictKind.Wrong, 0, 0, $"threw {error.GetType().Name}: {error.Message}");
        }
    }

    /// <summary>A schema that nothing satisfies is refused at compile time: the right answer where every instance is invalid.</summary>
    private static SuiteVerdict Refusal(string name, SuiteGroup group, IReadOnlyList<SchemaRejection> rejections)
    {
        bool isUnsatisfiable = rejections.Any(it => it.Kind == SchemaRejectionKind.Unsatisfiable);
        int valid = group.Tests.Count(test => test.IsValid);
        string detail = string.Join("; ", rejections.Select(it => $"{it.Kind} {it.Keyword} {it.JsonPointer}: {it.Message}"));
        return !isUnsatisfiable ? new SuiteVerdict(name, VerdictKind.Refused, 0, 0, detail)
            : new SuiteVerdict(name, valid == 0 ? VerdictKind.Right : VerdictKind.Wrong, 0, valid, detail);
    }

    private bool IsAccepted(CompiledGrammar grammar, string document)
    {
        var matcher = GrammarMatcher.Start(grammar, _vocabulary);
        foreach (byte value in Encoding.UTF8.GetBytes(document))
        {
            if (!matcher.GetMask().Allows(value) || !matcher.TryAdvance(value, out matcher)) return false;
        }
        return matcher.GetMask().Allows(_vocabulary.EndIds[0]);
    }
}
