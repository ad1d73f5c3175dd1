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
    public static ServedModel Load(ModelConfig config, TimeProvider time)
    {
        if (!Directory.Exists(config.Path)) throw new ConfigurationException($"Model '{config.Id}': the folder '{config.Path}' does not exist.");
        try
        {
            var folder = new TokenizerFolder(config.Path);
            ITokenizer tokenizer = folder.LoadTokenizer();
            ChatTemplate template = folder.LoadChatTemplate(time)
                ?? throw new ConfigurationException($"Model '{config.Id}': no chat template in '{config.Path}' (tokenizer_config.json or chat_template.jinja).");
            int trained = ModelFolder.ContextLength(config.Path);
            return new ServedModel
            {
                Id = config.Id,
                Tokenizer = tokenizer,
                Template = template,
                ContextLength = Math.Min(config.ContextLength ?? trained, trained),
                InjectSchema = config.InjectSchema,
                SamplingDefaults = new SamplingOptions
                {
                    Temperature = config.Sampling.Temperature,
                    TopP = config.Sampling.TopP,
                    TopK = config.Sampling.TopK,
                    RepetitionPenalty = config.Sampling.RepetitionPenalty,
                },
                Fingerprint = FingerprintOf(config, tokenizer),
                Created = new DateTimeOffset(Directory.GetLastWriteTimeUtc(config.Path)).ToUnixTimeSeconds(),
            };
        }
        catch (Exception exception) when (exception is TokenizerException or TemplateException or ModelLoadException or JsonException or IOException)
        {
            throw new ConfigurationException($"Model '{config.Id}' in '{config.Path}': {exception.Message}");
        }
    }

    /// <summary>Equal only where a journal may be continued: same weights, vocabulary, template and engine version.</summary>
    private static string FingerprintOf(ModelConfig config, ITokenizer tokenizer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{tokenizer.Vocabulary.Fingerprint}\n{typeof(Engine).Assembly.GetName().Version}\n"));
        Span<byte> sample = stackalloc byte[4096];
        foreach (string file in Directory.EnumerateFiles(config.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            // Weights can be gigabytes: their name, length and first and last bytes tell versions apart.
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetFileName(file)}\n{new FileInfo(file).Length}\n"));
            using FileStream stream = File.OpenRead(file);
            hash.AppendData(sample[..stream.Read(sample)]);
            stream.Seek(-Math.Min(stream.Length, sample.Length), SeekOrigin.End);
            hash.AppendData(sample[..stream.Read(sample)]);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
