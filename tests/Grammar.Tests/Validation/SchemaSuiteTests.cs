using Cluster.Grammar.Tests.Support;
using Cluster.Grammar.Validation;
using Cluster.Testing;

namespace Cluster.Grammar.Tests.Validation;

/// <summary>The second reader against the published suite.</summary>
public sealed class SchemaSuiteTests
{
    private const double RequiredShareMin = 0.99;

    [Theory]
    [InlineData("draft7")]
    [InlineData("draft2019-09")]
    [InlineData("draft2020-12")]
    public void Validator_RequiredSuite_OnlyKnownTestsWrong(string draft)
    {
        var (wrong, count) = Run(draft, "", FormatMode.Annotation);
        Baseline.Check($"validator-{draft}", wrong);
        Assert.True(1 - (double)wrong.Count / count >= RequiredShareMin, $"{wrong.Count} of {count} tests are wrong.");
    }

    [Theory]
    [InlineData("draft7")]
    [InlineData("draft2019-09")]
    [InlineData("draft2020-12")]
    public void Validator_OptionalSuite_OnlyKnownTestsWrong(string draft)
    {
        var (wrong, _) = Run(draft, "optional", FormatMode.Annotation);
        Baseline.Check($"validator-{draft}-optional", wrong);
    }

    [Theory]
    [InlineData("draft7")]
    [InlineData("draft2019-09")]
    [InlineData("draft2020-12")]
    public void Validator_Formats_OnlyKnownTestsWrong(string draft)
    {
        var (wrong, _) = Run(draft, "optional/format", FormatMode.Assert);
        Baseline.Check($"validator-{draft}-format", wrong);
    }

    private static (List<string> Wrong, int Count) Run(string draft, string part, FormatMode format)
    {
        string suite = SharedData.PathOrSkip("JSON-Schema-Test-Suite");
        var options = new ValidatorOptions { Format = format, Documents = SchemaSuite.Remotes(suite) };
        var wrong = new List<string>();
        int count = 0;
        foreach (var group in SchemaSuite.Read(Path.Combine(suite, "tests", draft, part)))
        {
            count += group.Tests.Count;
            bool isRead = SchemaValidator.TryCreate(SchemaSuite.Utf8(SchemaSuite.WithDialect(group.Schema, draft)), options, out var validator, out var error);
            foreach (var test in group.Tests)
            {
                var outcome = isRead ? validator!.Validate(SchemaSuite.Utf8(test.Document)).Outcome.ToString() : $"unreadable: {error!.Message}";
                if (outcome != (test.IsValid ? "Valid" : "Invalid")) wrong.Add($"{group.File} / {group.Group} / {test.Description}: {outcome}");
            }
        }
        return (wrong, count);
    }
}
