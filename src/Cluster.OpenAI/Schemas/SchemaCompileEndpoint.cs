using System.Text.Json;
using Cluster.Grammar;
using Cluster.OpenAI.Access;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Requests;
using Cluster.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Cluster.OpenAI.Schemas;

/// <summary>
/// <c>POST /v1/schemas/compile</c>: what would become of a constraint, without generating anything. The constraint is given as in a
/// completion (<c>response_format</c>, <c>structured_outputs</c>, <c>guided_*</c>) or as a bare <c>schema</c>.
/// </summary>
/// <remarks>A refused schema is an answer like any other here: 200 with <c>accepted: false</c> and the reasons. Only a body that asks nothing is an error.</remarks>
public sealed class SchemaCompileEndpoint(ISchemaCompiler compiler, IModelCatalogue catalogue, IOptions<OpenAIOptions> options, StructuredOutputOptions structured)
{
    public Task HandleAsync(HttpContext http) => BodyExchange.HandleAsync(http, options.Value, async (body, cancellationToken) =>
    {
        StructuredOutputRequest output = StructuredOutputReader.Read(body, structured.Grammar);
        bool isStrict = body.Boolean("strict") ?? true;
        ResponseFormat format = body.Any("schema") is { } schema
            ? ResponseFormatReader.Schema(schema, "schema", null, isStrict, output.Grammar, options.Value)
            : ConstraintReader.Read(body, output.Grammar, options.Value);
        if (format.Grammar is not { } spec) throw RequestObject.Invalid("schema", "Missing required parameter: 'schema' (or another constraint).");
        ServedModel? model = body.String("model") is { } id ? Find(id, http) : null;
        body.RefuseUnknown();
        CompileResult compiled = await compiler.CompileAsync(spec, bestEffort: !format.IsStrict, cancellationToken).ConfigureAwait(false);
        int? fewest = model is not null && compiled.Grammar is { } grammar ? GrammarMatcher.Start(grammar, model.Tokenizer.Vocabulary).TokensToComplete : null;
        await JsonText.AnswerAsync(http, StatusCodes.Status200OK, (compiled, model, fewest), static (json, state) => Write(json, state.compiled, state.model, state.fewest), cancellationToken).ConfigureAwait(false);
    });

    private ServedModel Find(string id, HttpContext http) => catalogue.Find(id) is { } model && http.Caller().MayUse(id)
        ? model
        : throw new ApiException(new ApiError(404, "invalid_request_error", "model_not_found", "model", $"The model '{id}' does not exist."));

    private static void Write(Utf8JsonWriter json, CompileResult compiled, ServedModel? model, int? fewestTokens)
    {
        json.WriteStartObject();
        json.WriteString("object", "schema.report");
        json.WriteBoolean("accepted", compiled.Grammar is not null);
        json.WriteString("hash", compiled.Grammar?.Hash);
        json.WriteNumber("fuel", compiled.Grammar?.Report.Fuel ?? compiled.Rejections.Max(rejection => rejection.FuelSpent));
        if (compiled.Grammar is not null || compiled.Rejections.Any(rejection => rejection.Kind == SchemaRejectionKind.Unsatisfiable)) json.WriteBoolean("satisfiable", compiled.Grammar is not null);
        else json.WriteNull("satisfiable");
        if (compiled.Grammar is { } grammar)
        {
            json.WriteNumber("bytes", grammar.Bytes);
            json.WriteNumber("fewest_bytes", grammar.Report.FewestBytes);
        }
        if (model is not null)
        {
            json.WriteString("model", model.Id);
            if (fewestTokens is { } tokens and < int.MaxValue) json.WriteNumber("fewest_tokens", tokens);
            else json.WriteNull("fewest_tokens");
        }
        json.WriteStartArray("keywords");
        foreach (KeywordEntry entry in compiled.Grammar?.Report.Keywords ?? []) WriteKeyword(json, entry.JsonPointer, entry.Keyword, NameOf(entry.Treatment), entry.Reason);
        json.WriteEndArray();
        json.WriteStartArray("refused");
        foreach (SchemaRejection rejection in compiled.Rejections) WriteKeyword(json, rejection.JsonPointer, rejection.Keyword, CodeOf(rejection.Kind), rejection.Message);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteKeyword(Utf8JsonWriter json, string pointer, string keyword, string treatment, string reason)
    {
        json.WriteStartObject();
        json.WriteString("pointer", pointer);
        json.WriteString("keyword", keyword);
        json.WriteString("treatment", treatment);
        json.WriteString("reason", reason.Length == 0 ? null : reason);
        json.WriteEndObject();
    }

    private static string NameOf(KeywordTreatment treatment) => treatment switch
    {
        KeywordTreatment.Enforced => "enforced",
        KeywordTreatment.Annotation => "annotation",
        _ => "refused",
    };

    private static string CodeOf(SchemaRejectionKind kind) => kind switch
    {
        SchemaRejectionKind.Malformed => "malformed",
        SchemaRejectionKind.UnsupportedKeyword => "unsupported",
        SchemaRejectionKind.Unsatisfiable => "unsatisfiable",
        _ => "too_large",
    };
}
