using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Benchmarks.Models;

/// <summary>One language in two notations: as users write it, and as llama.cpp takes it.</summary>
/// <param name="JsonSchema">An object of ten required fields.</param>
/// <param name="Gbnf">The same documents, compact and in the order of the fields.</param>
internal sealed record BenchmarkSchema(string JsonSchema, string Gbnf)
{
    private const string StringRules = "string ::= \"\\\"\" char* \"\\\"\"\n"
        + "char ::= [^\"\\\\\\x00-\\x1F\\x7F] | \"\\\\\" ([\"\\\\/bfnrt] | \"u\" [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F])\n";

    /// <summary>Ten fields of types that leave a model of random weights little that is right: counts, choices, dates, codes.</summary>
    public static BenchmarkSchema Typed { get; } = Of(
        ("customer_number", """{"type":"integer","minimum":0,"maximum":999999}""", "(\"0\" | [1-9] [0-9]{0,5})"),
        ("customer_status", """{"enum":["new","returning","premium"]}""", "(\"\\\"new\\\"\" | \"\\\"returning\\\"\" | \"\\\"premium\\\"\")"),
        ("order_date", """{"type":"string","pattern":"^20[0-9]{2}-[01][0-9]-[0-3][0-9]$"}""", "\"\\\"20\" [0-9]{2} \"-\" [01] [0-9] \"-\" [0-3] [0-9] \"\\\"\""),
        ("is_paid", """{"type":"boolean"}""", "(\"true\" | \"false\")"),
        ("total_cents", """{"type":"integer","minimum":0,"maximum":9999999}""", "(\"0\" | [1-9] [0-9]{0,6})"),
        ("currency_code", """{"enum":["EUR","USD","GBP","JPY"]}""", "(\"\\\"EUR\\\"\" | \"\\\"USD\\\"\" | \"\\\"GBP\\\"\" | \"\\\"JPY\\\"\")"),
        ("item_count", """{"type":"integer","minimum":1,"maximum":99}""", "[1-9] [0-9]?"),
        ("country_code", """{"type":"string","pattern":"^[A-Z]{2}$"}""", "\"\\\"\" [A-Z]{2} \"\\\"\""),
        ("postal_code", """{"type":"string","pattern":"^[0-9]{5}$"}""", "\"\\\"\" [0-9]{5} \"\\\"\""),
        ("delivery_method", """{"enum":["standard","express","pickup"]}""", "(\"\\\"standard\\\"\" | \"\\\"express\\\"\" | \"\\\"pickup\\\"\")"));

    /// <summary>Fields of free text.</summary>
    public static BenchmarkSchema Texts(IEnumerable<string> names)
        => Of([.. names.Select(name => (name, """{"type":"string"}""", "string"))]);

    private static BenchmarkSchema Of(params (string Name, string Schema, string Gbnf)[] fields)
    {
        string members = string.Join(" \",\" ", fields.Select(field => $"\"\\\"{field.Name}\\\":\" {field.Gbnf}"));
        string schema = JsonSerializer.Serialize(new
        {
            type = "object",
            properties = fields.ToDictionary(field => field.Name, field => JsonNode.Parse(field.Schema)),
            required = fields.Select(field => field.Name),
            additionalProperties = false,
        });
        return new BenchmarkSchema(schema, $"root ::= \"{{\" {members} \"}}\"\n{StringRules}");
    }
}
