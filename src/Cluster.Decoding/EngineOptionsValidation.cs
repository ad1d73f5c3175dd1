using Cluster.Decoding.Models;
using Cluster.Tokenization;

namespace Cluster.Decoding;

/// <summary>Finds every violation at once, each with the setting's name.</summary>
internal static class EngineOptionsValidation
{
    public static void ThrowIfInvalid(EngineOptions options, ModelInfo model, Vocabulary vocabulary)
    {
        List<string> violations = [.. OptionsCheck.FaultsOf(options).Select(fault => $"{fault}.")];
        if (vocabulary.Size > model.VocabularySize)
        {
            violations.Add($"The tokenizer has {vocabulary.Size} tokens, the model {model.VocabularySize} logits: they do not belong together.");
        }
        if (model.Slots < 1 || model.ContextLength < 2) violations.Add("A model needs at least one slot of two positions.");
        if (violations.Count > 0) throw new ArgumentException(string.Join(" ", violations), nameof(options));
    }
}
