using System.Text;
using Cluster.Grammar.Tests.Oracle;
using Cluster.Grammar.Validation;

namespace Cluster.Grammar.Tests.Validation;

/// <summary>What the published suite does not ask: limits, errors, where a failure is, text that is no JSON.</summary>
public sealed class SchemaValidatorTests
{
    private static ValidationResult Validate(string schema, string document, ValidatorOptions? options = null)
    {
        Assert.True(SchemaValidator.TryCreate(Encoding.UTF8.GetBytes(schema), options ?? new ValidatorOptions(), out var validator, out var error), error?.Message);
        return validator!.Validate(Encoding.UTF8.GetBytes(document));
    }

    [Theory]
    [InlineData("{\"a\":1,\"a\":1}")]
    [InlineData("{\"a\":1,\"\\u0061\":1}")]
    [InlineData("\"\\ud800\"")]
    [InlineData("1 2")]
    [InlineData("01")]
    [InlineData("[1,]")]
    [InlineData("")]
    [InlineData("\"\u0001\"")]
    public void Validate_TextThatIsNoDocument_Malformed(string document)
        => Assert.Equal(ValidationOutcome.Malformed, Validate("true", document).Outcome);

    [Fact]
    public void Validate_BrokenUtf8_Malformed()
    {
        Assert.True(SchemaValidator.TryCreate("true"u8, new ValidatorOptions(), out var validator, out _));
        Assert.Equal(ValidationOutcome.Malformed, validator!.Validate([(byte)'"', 0xC3, (byte)'"']).Outcome);
    }

    [Fact]
    public void Validate_DuplicateKeysAllowed_LastCounts()
    {
        var options = new ValidatorOptions { RejectsDuplicateKeys = false };
        Assert.True(Validate("""{"properties":{"a":{"const":2}},"maxProperties":1}""", """{"a":1,"a":2}""", options).IsValid);
    }

    /// <summary>A keyword that a release does not know says nothing: to the second reader and to the engine.</summary>
    [Theory]
    [InlineData("http://json-schema.org/draft-04/schema#", "\"const\":1", "2", true)]
    [InlineData("http://json-schema.org/draft-06/schema#", "\"const\":1", "2", false)]
    [InlineData("http://json-schema.org/draft-04/schema#", "\"contains\":{\"type\":\"null\"}", "[1]", true)]
    [InlineData("http://json-schema.org/draft-06/schema#", "\"contains\":{\"type\":\"null\"}", "[1]", false)]
    [InlineData("http://json-schema.org/draft-04/schema#", "\"propertyNames\":{\"maxLength\":1}", "{\"ab\":1}", true)]
    [InlineData("http://json-schema.org/draft-06/schema#", "\"propertyNames\":{\"maxLength\":1}", "{\"ab\":1}", false)]
    [InlineData("http://json-schema.org/draft-06/schema#", "\"if\":{\"type\":\"number\"},\"then\":false", "1", true)]
    [InlineData("http://json-schema.org/draft-07/schema#", "\"if\":{\"type\":\"number\"},\"then\":false", "1", false)]
    public void Validate_KeywordOfALaterRelease_SaysNothing(string dialect, string keyword, string document, bool isValid)
    {
        string schema = $$"""{"$schema":"{{dialect}}",{{keyword}}}""";
        Assert.Equal(isValid, Validate(schema, document).IsValid);
        var compiled = EngineWalk.Compile(schema, new GrammarOptions { Spelling = Spelling.Any });
        Assert.Equal(isValid, EngineWalk.Accepts(compiled.Grammar!, OracleVocabulary.Full(), document));
    }

    [Theory]
    [InlineData("""{"const":{"a":1,"b":2,"a":true}}""", """{"a":true,"b":2}""", true)]
    [InlineData("""{"const":{"a":1,"b":2,"a":true}}""", """{"a":1,"b":2}""", false)]
    [InlineData("""{"enum":[3,{"a":1,"a":[2]}]}""", """{"a":[2]}""", true)]
    public void Validate_DoubledMembersOfAConstant_TheLastCounts(string schema, string document, bool isValid)
    {
        Assert.Equal(isValid, Validate(schema, document).IsValid);
        var compiled = EngineWalk.Compile(schema, new GrammarOptions { Order = PropertyOrder.Any });
        Assert.Equal(isValid, EngineWalk.Accepts(compiled.Grammar!, OracleVocabulary.Full(), document));
    }

    [Theory]
    [InlineData("""{"properties":{"a/b":{"items":{"type":"string"}}}}""", """{"a/b":["x",1]}""", "/a~1b/1", "type", "/properties/a~1b/items")]
    [InlineData("""{"anyOf":[{"type":"string"},{"minimum":3}]}""", "1", "", "anyOf", "")]
    [InlineData("""{"additionalProperties":false}""", """{"x":1}""", "/x", "false", "/additionalProperties")]
    public void Validate_Failure_NamesPlaceAndKeyword(string schema, string document, string pointer, string keyword, string schemaPointer)
    {
        var result = Validate(schema, document);
        Assert.Equal((ValidationOutcome.Invalid, pointer, keyword, schemaPointer), (result.Outcome, result.JsonPointer, result.Keyword, result.SchemaPointer));
    }

    [Theory]
    [InlineData("""{"type":"text"}""", "type")]
    [InlineData("""{"minLength":-1}""", "minLength")]
    [InlineData("""{"pattern":"("}""", "pattern")]
    [InlineData("""{"pattern":"(a)\\1"}""", "pattern")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "$ref")]
    [InlineData("""{"$ref":"https://example.com/other"}""", "$ref")]
    [InlineData("""{"multipleOf":0}""", "multipleOf")]
    [InlineData("""{"anyOf":[]}""", "anyOf")]
    public void TryCreate_SchemaThatCannotBeRead_NamesKeyword(string schema, string keyword)
    {
        Assert.False(SchemaValidator.TryCreate(Encoding.UTF8.GetBytes(schema), new ValidatorOptions(), out _, out var error));
        Assert.Equal(keyword, error!.Keyword);
    }

    [Fact]
    public void Validate_RefBackToItself_TooDeep()
        => Assert.Equal(ValidationOutcome.TooDeep, Validate("""{"$ref":"#"}""", "1").Outcome);

    [Fact]
    public void Validate_TwoRefsBackToItself_EndsSoon()
        => Assert.Equal(ValidationOutcome.TooDeep, Validate("""{"anyOf":[{"not":{"$ref":"#"}},{"$ref":"#"}]}""", "1").Outcome);

    [Fact]
    public void Validate_DocumentAtTheDepthLimit_Judged()
    {
        const string schema = """{"items":{"$ref":"#"},"type":"array"}""";
        string document = new string('[', 4000) + new string(']', 4000);
        Assert.True(Validate(schema, document).IsValid);
        Assert.Equal(ValidationOutcome.Malformed, Validate(schema, document, new ValidatorOptions { DepthMax = 3999 }).Outcome);
    }

    [Fact]
    public void Validate_PatternThatBacktracksElsewhere_Judged()
        => Assert.Equal(ValidationOutcome.Invalid, Validate("""{"pattern":"^(a|a)*b$"}""", $"\"{new string('a', 10_000)}\"").Outcome);

    [Fact]
    public void Validate_StepsUsedUp_TimedOut()
        => Assert.Equal(ValidationOutcome.TimedOut,
            Validate("""{"items":{"type":"integer"}}""", "[1,2,3,4,5,6,7,8,9]", new ValidatorOptions { StepsMax = 5 }).Outcome);

    [Theory]
    [InlineData("""{"multipleOf":0.01}""", "4.35", true)]
    [InlineData("""{"multipleOf":0.01}""", "4.355", false)]
    [InlineData("""{"multipleOf":1e-300}""", "1e300", true)]
    [InlineData("""{"multipleOf":7}""", "1e400000", false)]
    [InlineData("""{"maximum":9007199254740993}""", "9007199254740992.9999999999999999999", true)]
    [InlineData("""{"maximum":9007199254740993}""", "9007199254740993.0000000000000000001", false)]
    [InlineData("""{"exclusiveMinimum":-0.0}""", "1e-999999999999999999999999", true)]
    [InlineData("""{"type":"integer"}""", "123.450e2", true)]
    [InlineData("""{"type":"integer"}""", "123.451e2", false)]
    [InlineData("""{"enum":[100]}""", "1.0E+2", true)]
    [InlineData("""{"uniqueItems":true}""", "[{\"a\":1,\"b\":[0]},{\"b\":[-0.0],\"a\":10e-1}]", false)]
    [InlineData("""{"maxLength":1}""", "\"\ud83d\ude00\"", true)]
    [InlineData("""{"minLength":2}""", "\"\\ud83d\\ude00\"", false)]
    [InlineData("""{"minimum":1,"exclusiveMinimum":true}""", "1", false)]
    [InlineData("""{"items":[{"type":"string"}],"additionalItems":false}""", "[\"a\",1]", false)]
    public void Validate_ExactValues_JudgedByValue(string schema, string document, bool isValid)
        => Assert.Equal(isValid ? ValidationOutcome.Valid : ValidationOutcome.Invalid, Validate(schema, document).Outcome);

    [Theory]
    [InlineData("^\\\\d$", "5", true)]
    [InlineData("^\\\\d$", "\u0665", false)]
    [InlineData("^\\\\w$", "\u00e9", false)]
    [InlineData("^\\\\s$", "\ufeff", true)]
    [InlineData("^.$", "\ud83d\ude00", true)]
    [InlineData("^.$", "\u2028", false)]
    [InlineData("a$", "a\\n", false)]
    [InlineData("^\\\\p{Lu}+$", "\u0394A", true)]
    [InlineData("^\\\\p{Script=Greek}\\\\P{sc=Grek}$", "\u03b1a", true)]
    [InlineData("^\\\\p{Script=Han}$", "a", false)]
    [InlineData("^\\\\u{1F600}$", "\ud83d\ude00", true)]
    [InlineData("^[^a]$", "\ud83d\ude00", true)]
    [InlineData("(?<=\\\\bab)c", "x abc", true)]
    [InlineData("(?<!ab)c", "abc", false)]
    [InlineData("^(?!.*foo).*$", "a foo", false)]
    [InlineData("^(?=.*\\\\d)(?=.*[a-z]).{3,}$", "a1b", true)]
    [InlineData("^{\\\\-}$", "{-}", true)]
    [InlineData("^a{2,3}$", "aaaa", false)]
    [InlineData("", "anything", true)]
    public void Validate_Patterns_ByEcma262(string pattern, string text, bool isMatch)
        => Assert.Equal(isMatch, Validate($$"""{"pattern":"{{pattern}}"}""", $"\"{text}\"").IsValid);
}
