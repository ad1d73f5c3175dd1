using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;
using Cluster.Tokenization;

namespace Cluster.Benchmarks.Models;

/// <summary>The models that the benchmarks time, made on first use: a known shape with random weights, and one that says a given JSON
/// document.</summary>
/// <param name="root">Folder that holds them.</param>
/// <param name="shapeName">A shape of the builder.</param>
internal sealed class BenchmarkModels(string root, string shapeName, ITokenizer tokenizer)
{
    public const int ContextLength = 4096;

    /// <summary>Ten fields, each with a value of six words that stand nowhere else.</summary>
    private static readonly (string Name, string Value)[] Fields =
    [
        ("customer_first_name", "maria teresa of upper austria"), ("customer_last_name", "van den berg and sons"),
        ("customer_email_address", "write to our office please"), ("delivery_street_name", "long road behind green hills"),
        ("delivery_house_number", "seven near that old mill"), ("delivery_postal_code", "unknown but easily found there"),
        ("delivery_country_name", "kingdom under northern lights"), ("order_reference_number", "first one placed last winter"),
        ("preferred_payment_method", "cash when goods arrive safely"), ("additional_remarks_text", "ring twice then wait quietly"),
    ];

    private int[]? _text;

    public ModelShape Shape { get; } = ModelShape.Known[shapeName];

    /// <summary>The document that the chained model says, and the schema that it is valid under.</summary>
    public static string Document { get; } = "{" + string.Join(",", Fields.Select(field => $"\"{field.Name}\":\"{field.Value}\"")) + "}";

    public static BenchmarkSchema Schema { get; } = BenchmarkSchema.Texts(Fields.Select(field => field.Name));

    /// <summary>What the chained model says: a line break, the document, the end.</summary>
    public IReadOnlyList<int> Text => _text ??= [LineBreak, .. tokenizer.Encode(Document, parseSpecial: false), tokenizer.Vocabulary.EndIds[0]];

    /// <summary>Ends every prompt; the chained model begins its document after it.</summary>
    public int LineBreak => tokenizer.Encode("\n", parseSpecial: false)[0];

    public ModelShape ChainedShape => Shape with { TiedEmbeddings = false };

    public string Random(int block) => Folder($"{shapeName}-int4-{block}", Shape, block, () => new RandomWeights(Shape, seed: 1));

    public string Chained(int block) => Folder($"{shapeName}-chained-int4-{block}", ChainedShape, block, NewChainedWeights);

    public string RandomGguf() => File($"{shapeName}-q4_0.gguf", Shape, () => new RandomWeights(Shape, seed: 1));

    public string ChainedGguf() => File($"{shapeName}-chained-q4_0.gguf", ChainedShape, NewChainedWeights);

    /// <summary>Random tokens and a line break.</summary>
    public int[] Prompt(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length - 1).Select(_ => random.Next(100_000)), LineBreak];
    }

    private IWeightSource NewChainedWeights() => new ChainedWeights(ChainedShape, Text, seed: 1);

    private string Folder(string name, ModelShape shape, int block, Func<IWeightSource> weights)
    {
        string folder = Path.Combine(root, name);
        if (System.IO.File.Exists(Path.Combine(folder, "genai_config.json"))) return folder;
        using IWeightSource source = weights();
        ModelFolderBuilder.Write(shape, source, new BuildOptions
        {
            Folder = folder, Dtype = "int4", Block = block, LastTokenOnly = true, ContextLength = ContextLength,
        });
        return folder;
    }

    private string File(string name, ModelShape shape, Func<IWeightSource> weights)
    {
        string path = Path.Combine(root, name);
        if (System.IO.File.Exists(path)) return path;
        Directory.CreateDirectory(root);
        using IWeightSource source = weights();
        GgufModel.Write(path + ".part", shape, source, tokenizer, ContextLength);
        System.IO.File.Move(path + ".part", path);
        return path;
    }
}
