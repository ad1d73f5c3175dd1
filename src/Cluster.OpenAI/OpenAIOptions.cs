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

    /// <summary>Most tools of one request.</summary>
    [Range(1, 100_000)]
    public int ToolsMax { get; set; } = 128;

    /// <summary>Responses kept for <c>previous_response_id</c> and retrieval; the least recently used goes first.</summary>
    [Range(0, 10_000_000)]
    public int StoredResponsesMax { get; set; } = 10_000;

    /// <summary>Memory of stored responses, in bytes.</summary>
    [Range(0, long.MaxValue)]
    public long StoredResponseBytesMax { get; set; } = 256L << 20;

    /// <summary>Most prompts of one <c>/v1/completions</c> request.</summary>
    [Range(1, 4096)]
    public int PromptsMax { get; set; } = 64;

    /// <summary>Longest <c>prompt_cache_key</c>, in characters.</summary>
    [Range(1, 65_536)]
    public int CacheKeyCharactersMax { get; set; } = 1024;

    /// <summary>Most stop strings of one request.</summary>
    [Range(1, 1024)]
    public int StopStringsMax { get; set; } = 16;

    /// <summary>Longest stop string, in characters.</summary>
    [Range(1, 65_536)]
    public int StopStringCharactersMax { get; set; } = 1024;

    /// <summary>Longest time of one request, from its first byte to its last.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RequestTimeMax { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Longest time that a client may leave its stream unread once its buffers are full; then its connection is cut.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan StreamStallMax { get; set; } = TimeSpan.FromSeconds(10);
}
