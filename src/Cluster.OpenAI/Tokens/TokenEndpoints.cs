using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Cluster.OpenAI.Access;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Requests;
using Cluster.OpenAI.Tools;
using Cluster.Decoding;
using Cluster.Serving;
using Cluster.Serving.Generation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Cluster.OpenAI.Tokens;

/// <summary><c>POST /tokenize</c> (a text, or a conversation through the model's template) and <c>POST /detokenize</c>.</summary>
public sealed class TokenEndpoints(IModelCatalogue catalogue, RequestPipeline pipeline, IOptions<OpenAIOptions> options, StructuredOutputOptions structured)
{
    public Task TokenizeAsync(HttpContext http) => BodyExchange.HandleAsync(http, options.Value, async (body, cancellationToken) =>
    {
        ServedModel model = ModelOf(body, http);
        ImmutableArray<int> tokens;
        if (body.String("prompt") is { } prompt)
        {
            tokens = [.. model.Tokenizer.Encode(prompt, parseSpecial: false)];
        }
        else
        {
            PrepareResult result = await pipeline.PrepareAsync(new GenerationRequest
            {
                RequestId = http.TraceIdentifier,
                ModelId = model.Id,
                Messages = MessagesReader.Read(body, options.Value),
                Tools = ToolsReader.Read(body, ToolsForm.Chat, structured.Grammar, options.Value),
                Template = TemplateReader.Read(body),
                Sampling = new SamplingOptions(),
            }, cancellationToken).ConfigureAwait(false);
            tokens = result.Prepared?.Prompts[0] ?? throw new ApiException(ErrorMapping.ToApiError(result.Rejection!));
        }
        bool hasTexts = body.Boolean("return_token_strs") ?? false;
        body.Accept("add_special_tokens", "add_generation_prompt");
        body.RefuseUnknown();
        await JsonText.AnswerAsync(http, StatusCodes.Status200OK, (model, tokens, hasTexts), static (json, state) => Write(json, state.model, state.tokens, state.hasTexts), cancellationToken).ConfigureAwait(false);
    });

    public Task DetokenizeAsync(HttpContext http) => BodyExchange.HandleAsync(http, options.Value, (body, cancellationToken) =>
    {
        ServedModel model = ModelOf(body, http);
        int size = model.Tokenizer.Vocabulary.Size;
        int[] tokens = [.. (body.Array("tokens", options.Value.BodyBytesMax) ?? throw RequestObject.Invalid("tokens", "Missing required parameter: 'tokens'."))
            .Select(item => item.Item.ValueKind == JsonValueKind.Number && item.Item.TryGetInt32(out int id) && id >= 0 && id < size
                ? id
                : throw RequestObject.OutOfRange(item.Path, $"a token id from 0 to {size - 1}"))];
        body.RefuseUnknown();
        return JsonText.AnswerAsync(http, StatusCodes.Status200OK, model.Tokenizer.Decode(tokens), static (json, text) =>
        {
            json.WriteStartObject();
            json.WriteString("prompt", text);
            json.WriteEndObject();
        }, cancellationToken);
    });

    private ServedModel ModelOf(RequestObject body, HttpContext http)
    {
        string id = body.RequiredString("model");
        return catalogue.Find(id) is { } model && http.Caller().MayUse(id)
            ? model
            : throw new ApiException(new ApiError(404, "invalid_request_error", "model_not_found", "model", $"The model '{id}' does not exist."));
    }

    private static void Write(Utf8JsonWriter json, ServedModel model, ImmutableArray<int> tokens, bool hasTexts)
    {
        json.WriteStartObject();
        json.WriteNumber("count", tokens.Length);
        json.WriteNumber("max_model_len", model.ContextLength);
        json.WriteStartArray("tokens");
        foreach (int token in tokens) json.WriteNumberValue(token);
        json.WriteEndArray();
        if (hasTexts)
        {
            json.WriteStartArray("token_strs");
            foreach (int token in tokens) json.WriteStringValue(Encoding.UTF8.GetString(model.Tokenizer.Vocabulary.BytesOf(token)));
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}
