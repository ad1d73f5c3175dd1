using System.Text;
using System.Text.Json;

namespace Cluster.Serving.Prompting;

/// <summary>
/// Renders a JSON Schema as the short shape that the embedded model was trained on, e.g. <c>{name: string, age?: integer}</c>.
/// The rules and their golden pairs: src/tools/trainer/SHAPE.md.
/// </summary>
/// <remarks>
/// Pure and total: any schema gives a shape; refusing is the grammar engine's work. Work is bounded by <see cref="NodesMax"/>
/// (references can multiply without growing the text): past it a subschema is <c>any</c>.
/// </remarks>
public static class SchemaShape
{
    /// <summary>Longest shape, in Unicode code points.</summary>
    public const int CharactersMax = 1500;

    /// <summary>Most subschemas visited for one level of detail.</summary>
    public const int NodesMax = 20_000;

    /// <summary>Deepest schema that is read, in JSON levels; a deeper one is <c>any</c>.</summary>
    public const int SchemaDepthMax = 256;

    private static readonly ShapeLevel[] Levels =
    [
        new(DepthMax: 8, Descriptions: true, EnumValuesMax: 256),
        new(DepthMax: 8, Descriptions: false, EnumValuesMax: 64),
        new(DepthMax: 4, Descriptions: false, EnumValuesMax: 16),
        new(DepthMax: 2, Descriptions: false, EnumValuesMax: 8),
    ];

    /// <param name="schemaJson">The schema's JSON text.</param>
    /// <returns>The shape at the most detailed level that is short enough; cut at <see cref="CharactersMax"/> at the last level.</returns>
    public static string Render(string schemaJson)
    {
        object? root;
        try
        {
            using var document = JsonDocument.Parse(schemaJson, new JsonDocumentOptions { MaxDepth = SchemaDepthMax });
            root = ShapeTree.FromJson(document.RootElement);
        }
        catch (JsonException)
        {
            return "any";
        }
        string text = "";
        foreach (ShapeLevel level in Levels)
        {
            text = new ShapeRenderer(root, level).Render(root, depth: 0, []);
            if (CodePoints(text) <= CharactersMax) return text;
        }
        return Cut(text, CharactersMax);
    }

    internal static int CodePoints(string text) => text.Length - text.AsSpan().CountPairs();

    internal static string Cut(string text, int codePoints)
    {
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (codePoints-- == 0) break;
            at += rune.Utf16SequenceLength;
        }
        return text[..at];
    }

    private static int CountPairs(this ReadOnlySpan<char> text)
    {
        int pairs = 0;
        for (int i = 0; i + 1 < text.Length; i++)
        {
            if (char.IsSurrogatePair(text[i], text[i + 1])) pairs++;
        }
        return pairs;
    }
}

/// <summary>How much is said; levels are tried in order until the text is short enough.</summary>
internal sealed record ShapeLevel(int DepthMax, bool Descriptions, int EnumValuesMax);
