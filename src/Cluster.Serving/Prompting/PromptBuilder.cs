using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Grammar;
using Cluster.Serving.Generation;
using Cluster.Tokenization.Templates;

namespace Cluster.Serving.Prompting;

/// <summary>From messages to the token ids that the model reads.</summary>
/// <remarks>
/// Where the model is to see its schema, a template that knows the variable <c>schema_shape</c> gets the shape it was trained on; any other
/// template gets a system message that holds the schema itself.
/// </remarks>
public static class PromptBuilder
{
    private const string ShapeVariable = "schema_shape";

    public static bool TryBuild(ServedModel model, GenerationRequest request, out ImmutableArray<int> tokens, out string error)
    {
        tokens = [];
        error = "";
        var guard = new PromptGuard(model.Tokenizer.Vocabulary, request.Messages.Select(message => message.Content).Append(request.Grammar?.Text ?? ""));
        List<ChatMessage> messages = [.. request.Messages.Select(message => message with { Content = guard.Protect(message.Content) })];
        var variables = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (request.Grammar is { Kind: GrammarKind.JsonSchema } schema && (request.InjectSchema ?? model.InjectSchema))
        {
            if (model.Template.Source.Contains(ShapeVariable, StringComparison.Ordinal))
            {
                variables[ShapeVariable] = JsonSerializer.SerializeToElement(guard.Protect(SchemaShape.Render(schema.Text)));
            }
            else
            {
                messages.Insert(0, new ChatMessage("system", $"Answer with JSON that is valid against this JSON Schema:\n{guard.Protect(schema.Text)}"));
            }
        }
        try
        {
            tokens = [.. guard.Encode(model.Tokenizer, model.Template.Render(ToJson(messages), variables: variables))];
            return true;
        }
        catch (TemplateException exception)
        {
            error = $"The model's chat template refused the messages: {exception.Message}";
            return false;
        }
    }

    private static JsonElement ToJson(IReadOnlyList<ChatMessage> messages)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (ChatMessage message in messages)
            {
                json.WriteStartObject();
                json.WriteString("role", message.Role);
                json.WriteString("content", message.Content);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        using JsonDocument document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }
}
