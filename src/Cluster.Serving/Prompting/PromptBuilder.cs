using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Grammar;
using Cluster.Serving.Generation;
using Cluster.Serving.Thinking;
using Cluster.Serving.Tools;
using Cluster.Tokenization.Templates;

namespace Cluster.Serving.Prompting;

/// <summary>The prompts of one request, and what they leave to the model.</summary>
/// <param name="Tokens">One a prompt.</param>
/// <param name="Thinking">Whether the answer begins with thoughts.</param>
public sealed record BuiltPrompts(ImmutableArray<ImmutableArray<int>> Tokens, ThinkingForm Thinking);

/// <summary>From messages to the token ids that the model reads.</summary>
/// <remarks>
/// Where the model is to see its schema, a template that knows the variable <c>schema_shape</c> gets the shape it was trained on; any other
/// template gets a system message that holds the schema itself. Tools go to the template where it knows them, else into a system message.
/// </remarks>
public static class PromptBuilder
{
    private const string ShapeVariable = "schema_shape";

    public static bool TryBuild(ServedModel model, GenerationRequest request, AnswerPlan plan, out BuiltPrompts? built, out string error)
    {
        error = "";
        built = null;
        ImmutableArray<ImmutableArray<int>> prompts = [.. request.Prompts.Select(prompt => prompt.Text is { } text ? [.. model.Tokenizer.Encode(text, parseSpecial: false)] : prompt.Tokens)];
        if (!prompts.IsEmpty)
        {
            int size = model.Tokenizer.Vocabulary.Size;
            error = prompts.Any(prompt => prompt.IsEmpty) ? "A prompt has no tokens."
                : prompts.SelectMany(prompt => prompt).Any(id => id >= size) ? $"A prompt holds a token id past {size - 1}, the model's last." : "";
            built = new BuiltPrompts(prompts, ThinkingForm.None);
            return error.Length == 0;
        }
        // A model that only fills what it is shown would not understand a list of tools.
        var conversation = new Conversation(model.Template.Source, plan.Dialect, request.Messages, AnswerPlan.IsShownItsSchema(model) ? null : request.Tools);
        GrammarSpec? shown = plan.Shape == AnswerShape.Call ? plan.Spec : plan.Document;
        var guard = new PromptGuard(model.Tokenizer.Vocabulary, conversation.Texts.Append(shown?.Text ?? ""));
        var variables = new Dictionary<string, JsonElement>(request.Template.Variables, StringComparer.Ordinal);
        if (shown is { Kind: GrammarKind.JsonSchema } schema && (request.InjectSchema ?? (model.InjectSchema || plan.Shape == AnswerShape.Call)))
        {
            if (AnswerPlan.IsShownItsSchema(model)) variables[ShapeVariable] = JsonSerializer.SerializeToElement(guard.Protect(SchemaShape.Render(schema.Text)));
            else conversation.AddSystem($"Answer with JSON that is valid against this JSON Schema:\n{schema.Text}");
        }
        try
        {
            string rendered = model.Template.Render(conversation.Messages(guard.Protect), conversation.Tools(guard.Protect), variables);
            built = new BuiltPrompts([[.. guard.Encode(model.Tokenizer, rendered)]], ThinkingForm.Of(model.Template.Source, rendered));
            return true;
        }
        catch (TemplateException exception)
        {
            error = $"The model's chat template refused the messages: {exception.Message}";
            return false;
        }
    }
}
