using System.ComponentModel.DataAnnotations;

namespace Cluster.OpenAI;

/// <summary>Bounds of one request at the door.</summary>
public sealed class OpenAIOptions
{
    public const string Section = "OpenAI";

    /// <summary>Longest request body, in bytes.</summary>
    [Range(1024, 1 << 30)]
    public int BodyBytesMax { get; set; } = 8 << 20;

    /// <summary>Deepest JSON nesting of a request body.</summary>
    /// <remarks>Above the deepest schema that is meant to be accepted, wrappings included.</remarks>
    [Range(16, 10_000)]
    public int BodyDepthMax { get; set; } = 512;

    /// <summary>Deepest nesting of a schema: the root object is 1, each step into properties, patternProperties, additionalProperties or items adds 1.</summary>
    [Range(1, 1000)]
    public int SchemaDepthMax { get; set; } = 8;

    /// <summary>Longest schema text, in bytes of UTF-8.</summary>
    [Range(64, 1 << 30)]
    public int SchemaBytesMax { get; set; } = 131_072;

    /// <summary>Most properties of one object of a schema.</summary>
    [Range(1, 1_000_000)]
    public int SchemaPropertiesMax { get; set; } = 128;

    /// <summary>Most values of one enum.</summary>
    [Range(1, 1_000_000)]
    public int SchemaEnumValuesMax { get; set; } = 256;

    /// <summary>Most choices (<c>n</c>) of one request.</summary>
    [Range(1, 1024)]
    public int ChoicesMax { get; set; } = 8;

    /// <summary>Most messages of one request.</summary>
    [Range(1, 1_000_000)]
    public int MessagesMax { get; set; } = 4096;

    /// <summary>Most stop strings of one request.</summary>
    [Range(1, 1024)]
    public int StopStringsMax { get; set; } = 16;

    /// <summary>Longest stop string, in characters.</summary>
    [Range(1, 65_536)]
    public int StopStringCharactersMax { get; set; } = 1024;
}
