using Cluster.Grammar.Validation.Keywords;

namespace Cluster.Grammar.Validation;

/// <summary>A schema ready to be evaluated: the conjunction of its keywords.</summary>
internal sealed class SchemaNode(SchemaPlace place)
{
    public SchemaPlace Place { get; } = place;

    /// <summary>In the order of evaluation: the unevaluated ones last. Filled by the builder, then never changed.</summary>
    public Keyword[] Keywords { get; set; } = [];

    /// <summary>Some keyword here asks what the others have evaluated.</summary>
    public bool AsksEvaluated { get; set; }
}
