using System.ComponentModel.DataAnnotations;
using Cluster.Decoding.Models;
using Cluster.Tokenization;

namespace Cluster.Decoding;

/// <summary>Finds every violation at once, each with the setting's name.</summary>
internal static class EngineOptionsValidation
{
    public static void ThrowIfInvalid(EngineOptions options, ModelInfo model, Vocabulary vocabulary)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        var violations = results.ConvertAll(result => result.ErrorMessage ?? "");
        if (vocabulary.Size > model.VocabularySize)
        {
            violations.Add($"The tokenizer has {vocabulary.Size} tokens, the model {model.VocabularySize} logits: they do not belong together.");
        }
        if (model.Slots < 1 || model.ContextLength < 2) violations.Add("A model needs at least one slot of two positions.");
        if (violations.Count > 0) throw new ArgumentException(string.Join(" ", violations), nameof(options));
    }
}
