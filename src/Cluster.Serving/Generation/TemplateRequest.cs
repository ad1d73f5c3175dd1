using System.Collections.Immutable;
using System.Text.Json;

namespace Cluster.Serving.Generation;

/// <summary>What a request tells the chat template beyond its messages.</summary>
/// <param name="Variables">By name; the template ignores those it does not know.</param>
public sealed record TemplateRequest(ImmutableDictionary<string, JsonElement> Variables)
{
    public static TemplateRequest Default { get; } = new(ImmutableDictionary<string, JsonElement>.Empty);
}
