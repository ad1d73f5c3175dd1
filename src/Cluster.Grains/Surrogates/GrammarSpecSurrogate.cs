using Cluster.Grammar;

namespace Cluster.Grains.Surrogates;

/// <summary><see cref="GrammarSpec"/> as it crosses silos: the source, never the automaton.</summary>
[GenerateSerializer, Alias("cluster.grammar-spec"), Immutable]
public struct GrammarSpecSurrogate
{
    [Id(0)] public int Kind;
    [Id(1)] public string Text;
    [Id(2)] public int Order;
    [Id(3)] public int Spelling;
    [Id(4)] public int Whitespace;
    [Id(5)] public int Format;
    [Id(6)] public int WhitespaceBytesMax;
    [Id(7)] public int DigitsMax;
    [Id(8)] public int DepthMax;
    [Id(9)] public long CompileFuel;
    [Id(10)] public long MaskFuel;
    [Id(11)] public int Content;
    [Id(12)] public int ReferenceSiblings;
}

[RegisterConverter]
public sealed class GrammarSpecConverter : IConverter<GrammarSpec, GrammarSpecSurrogate>
{
    public GrammarSpec ConvertFromSurrogate(in GrammarSpecSurrogate surrogate)
        => new((GrammarKind)surrogate.Kind, surrogate.Text, new GrammarOptions
        {
            Order = (PropertyOrder)surrogate.Order, Spelling = (Spelling)surrogate.Spelling,
            Whitespace = (Whitespace)surrogate.Whitespace, Format = (FormatMode)surrogate.Format,
            WhitespaceBytesMax = surrogate.WhitespaceBytesMax, DigitsMax = surrogate.DigitsMax, DepthMax = surrogate.DepthMax,
            CompileFuel = surrogate.CompileFuel, MaskFuel = surrogate.MaskFuel, Content = (ContentMode)surrogate.Content,
            ReferenceSiblings = (ReferenceSiblings)surrogate.ReferenceSiblings,
        });

    public GrammarSpecSurrogate ConvertToSurrogate(in GrammarSpec value) => new()
    {
        Kind = (int)value.Kind, Text = value.Text, Order = (int)value.Options.Order, Spelling = (int)value.Options.Spelling,
        Whitespace = (int)value.Options.Whitespace, Format = (int)value.Options.Format,
        WhitespaceBytesMax = value.Options.WhitespaceBytesMax, DigitsMax = value.Options.DigitsMax, DepthMax = value.Options.DepthMax,
        CompileFuel = value.Options.CompileFuel, MaskFuel = value.Options.MaskFuel, Content = (int)value.Options.Content,
        ReferenceSiblings = (int)value.Options.ReferenceSiblings,
    };
}
