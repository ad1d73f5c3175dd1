using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Cluster.Grammar;
using Cluster.OpenAI.Completions;
using Cluster.OpenAI.Responses;
using Microsoft.Extensions.Options;

namespace Cluster.OpenAI.Requests;

/// <summary>
/// What becomes of each field of a request: found out by reading the smallest request of each kind and asking its reader what it looked
/// for, so that it cannot differ from what the readers do. The README's table is made from it.
/// </summary>
public static class RequestFields
{
    /// <summary>By path of the endpoint, then by name.</summary>
    public static ImmutableArray<(string Endpoint, IReadOnlyDictionary<string, FieldTreatment> Fields)> All { get; } =
    [
        ("/v1/chat/completions", Read("""{"model":"m","messages":[{"role":"user","content":""}]}""", (body, options) => ChatCompletionRequestReader.Read(body, new GrammarOptions(), options))),
        ("/v1/responses", Read("""{"model":"m","input":""}""", (body, options) => ResponsesRequestReader.Read(body, new ResponseStore(Options.Create(options)), "", new GrammarOptions(), options))),
        ("/v1/completions", Read("""{"model":"m","prompt":""}""", (body, options) => CompletionRequestReader.Read(body, new GrammarOptions(), options))),
    ];

    /// <summary>The table in Markdown: a row a field, a column an endpoint.</summary>
    public static string Table()
    {
        var table = new StringBuilder();
        table.Append("| field |").AppendJoin(" |", All.Select(one => $" `{one.Endpoint}`")).Append(" |\n|---|").Append(string.Concat(All.Select(_ => "---|"))).Append('\n');
        foreach (string name in All.SelectMany(one => one.Fields.Keys).Distinct().Order(StringComparer.Ordinal))
        {
            table.Append($"| `{name}` |").AppendJoin(" |", All.Select(one => $" {Describe(one.Fields, name)}")).Append(" |\n");
        }
        return table.ToString();
    }

    private static string Describe(IReadOnlyDictionary<string, FieldTreatment> fields, string name) => !fields.TryGetValue(name, out FieldTreatment treatment) ? "–" : treatment switch
    {
        FieldTreatment.Honoured => "honoured",
        FieldTreatment.WithoutEffect => "no effect",
        _ => "400",
    };

    private static IReadOnlyDictionary<string, FieldTreatment> Read(string smallest, Action<RequestObject, OpenAIOptions> read)
    {
        using JsonDocument document = JsonDocument.Parse(smallest);
        var body = new RequestObject(document.RootElement, "");
        read(body, new OpenAIOptions());
        return body.Fields;
    }
}
