using Cluster.Grammar.Tests.Support;
using Cluster.Grammar.Validation;
using Cluster.Testing;

namespace Cluster.Grammar.Tests.Validation;

/// <summary>The second reader on the case files that every engine is tried on.</summary>
public sealed class CaseFileTests
{
    public static TheoryData<SchemaCase> Cases() => CaseFile.Theory();

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Validate_Case_AsWritten(SchemaCase it)
    {
        Assert.True(SchemaValidator.TryCreate(SchemaSuite.Utf8(it.Schema), new ValidatorOptions(), out var validator, out var error), error?.Message);
        foreach (string text in it.Valid) Assert.Equal((text, ValidationOutcome.Valid), (text, validator!.Validate(SchemaSuite.Utf8(text)).Outcome));
        foreach (string text in it.Invalid) Assert.Equal((text, ValidationOutcome.Invalid), (text, validator!.Validate(SchemaSuite.Utf8(text)).Outcome));
        foreach (string text in it.Malformed) Assert.Equal((text, ValidationOutcome.Malformed), (text, validator!.Validate(SchemaSuite.Utf8(text)).Outcome));
    }
}
