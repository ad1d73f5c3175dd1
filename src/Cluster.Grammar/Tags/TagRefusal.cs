namespace Cluster.Grammar.Tags;

/// <summary>The source of a structural tag cannot be compiled. Never leaves the compiler.</summary>
internal sealed class TagRefusalException(IReadOnlyList<SchemaRejection> rejections) : Exception
{
    public TagRefusalException(SchemaRejectionKind kind, string pointer, string keyword, string message)
        : this([new SchemaRejection(kind, pointer, keyword, message)])
    {
    }

    public IReadOnlyList<SchemaRejection> Rejections { get; } = rejections;
}
