using Cluster.Grammar;

namespace Cluster.OpenAI;

/// <summary>What a request's documents look like where it says nothing itself.</summary>
/// <param name="Grammar">Property order, spelling, white space and formats.</param>
public sealed record StructuredOutputOptions(GrammarOptions Grammar);
