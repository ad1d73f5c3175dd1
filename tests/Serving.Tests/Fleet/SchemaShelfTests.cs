using Cluster.Grammar;
using Cluster.Serving.Fleet;

namespace Cluster.Serving.Tests.Fleet;

public sealed class SchemaShelfTests
{
    [Fact]
    public void With_KnownSchema_MovesToTheFront()
    {
        var shelf = SchemaShelf.Empty.With(Schema("a"), 8).With(Schema("b"), 8).With(Schema("a"), 8);

        Assert.Equal(["a", "b"], shelf.Schemas.Select(schema => schema.Hash));
    }

    [Fact]
    public void With_AtTheBound_DropsTheOldest()
    {
        var shelf = SchemaShelf.Empty.With(Schema("a"), 2).With(Schema("b"), 2).With(Schema("c"), 2);

        Assert.Equal(["c", "b"], shelf.Schemas.Select(schema => schema.Hash));
    }

    [Fact]
    public void With_SourcesPastTheBound_DropsWhatDoesNotFit()
    {
        var large = Schema("large") with { Spec = new GrammarSpec(GrammarKind.JsonSchema, new string(' ', SchemaShelf.CharactersMax), new GrammarOptions()) };

        Assert.Equal(["large"], SchemaShelf.Empty.With(Schema("a"), 8).With(large, 8).Schemas.Select(schema => schema.Hash));
        Assert.Empty(SchemaShelf.Empty.With(large with { Spec = large.Spec with { Text = large.Spec.Text + " " } }, 8).Schemas);
    }

    private static KnownSchema Schema(string hash) => new(hash, new GrammarSpec(GrammarKind.JsonSchema, hash, new GrammarOptions()), false);
}
