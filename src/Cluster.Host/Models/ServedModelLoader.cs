using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cluster.Decoding;
using Cluster.Onnx;
using Cluster.Onnx.Folders;
using Cluster.Serving;
using Cluster.Tokenization;
using Cluster.Tokenization.HuggingFace;
using Cluster.Tokenization.Templates;

namespace Cluster.Host.Models;

/// <summary>Reads what an edge must know of a model: tokenizer, template, context length; no weights.</summary>
public static class ServedModelLoader
{
    /// <exception cref="ConfigurationException">The folder lacks something; says what.</exception>
    /// <param name="config">Its entry in the catalogue.</param>
    /// <param name="time">Clock of the chat template.</param>
    /// <param name="read">Hears how many bytes of weights were read, each time some were.</param>
    public static ServedModel Load(ModelConfig config, TimeProvider time, Action<long>? read = null)
    {
        if (!Directory.Exists(config.Path)) throw new ConfigurationException($"Model '{config.Id}': the folder '{config.Path}' does not exist.");
        try
        {
            var folder = new TokenizerFolder(config.Path);
            ITokenizer tokenizer = folder.LoadTokenizer();
            ChatTemplate template = folder.LoadChatTemplate(time, instead: config.ChatTemplate.Length > 0 ? config.ChatTemplate : null)
                ?? throw new ConfigurationException($"Model '{config.Id}': no chat template in '{config.Path}' (tokenizer_config.json or chat_template.jinja; or name a file as chatTemplate).");
            int trained = ModelFolder.ContextLength(config.Path);
            return WithSettings(new ServedModel
            {
                Id = config.Id,
                Tokenizer = tokenizer,
                Template = template,
                ContextLength = Math.Min(config.ContextLength ?? trained, trained),
                Fingerprint = FingerprintOf(config, tokenizer, template, read),
                Created = CreatedOf(config.Path),
            }, config);
        }
        catch (Exception exception) when (exception is TokenizerException or TemplateException or ModelLoadException or JsonException or IOException)
        {
            throw new ConfigurationException($"Model '{config.Id}' in '{config.Path}': {exception.Message}");
        }
    }

    /// <summary>The model with what its entry says of prompts and sampling.</summary>
    public static ServedModel WithSettings(ServedModel model, ModelConfig config) => model with
    {
        InjectSchema = config.InjectSchema,
        SamplingDefaults = new SamplingOptions
        {
            Temperature = config.Sampling.Temperature,
            TopP = config.Sampling.TopP,
            TopK = config.Sampling.TopK,
            RepetitionPenalty = config.Sampling.RepetitionPenalty,
        },
    };

    /// <summary>When the weights were written, in Unix seconds; the folder's own time changes with every file in it.</summary>
    private static long CreatedOf(string folder) => new DateTimeOffset(Directory.EnumerateFiles(folder, "*.onnx", SearchOption.AllDirectories)
        .Select(File.GetLastWriteTimeUtc).DefaultIfEmpty(Directory.GetLastWriteTimeUtc(folder)).Max()).ToUnixTimeSeconds();

    /// <summary>Equal only where a journal may be continued: same weights, vocabulary, template and engine version.</summary>
    private static string FingerprintOf(ModelConfig config, ITokenizer tokenizer, ChatTemplate template, Action<long>? read)
    {
        string weights = config.Fingerprint ?? ModelFingerprint.Compute(ModelFolder.Read(config.Path, config.Graph, config.Dtype), read);
        string identity = $"{weights}\n{tokenizer.Vocabulary.Fingerprint}\n{template.Fingerprint}\n{SequenceJournal.Version}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
    }
}
