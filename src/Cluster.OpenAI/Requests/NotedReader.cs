using System.Text.Json;
using Cluster.OpenAI.Errors;

namespace Cluster.OpenAI.Requests;

/// <summary>
/// Reads what has no effect here: metadata, names of users, hints to other caches. It must still be what the API says it is, so that a
/// mistake shows on the first server that sees it.
/// </summary>
internal static class NotedReader
{
    private const int PairsMax = 16, KeyCharactersMax = 64, ValueCharactersMax = 512;

    /// <summary><c>metadata</c>: at most 16 pairs of strings, keys of at most 64 characters, values of at most 512.</summary>
    /// <exception cref="ApiException">It is not.</exception>
    public static void ReadMetadata(RequestObject body)
    {
        RequestObject? metadata = body.Object("metadata");
        foreach (string key in metadata?.Names ?? [])
        {
            if (metadata!.Names.Count > PairsMax) throw RequestObject.OutOfRange("metadata", $"at most {PairsMax} pairs");
            if (key.Length > KeyCharactersMax) throw RequestObject.OutOfRange("metadata", $"keys of at most {KeyCharactersMax} characters");
            if (metadata.RequiredString(key).Length > ValueCharactersMax) throw RequestObject.OutOfRange(metadata.PathOf(key), $"a string of at most {ValueCharactersMax} characters");
        }
        body.Accept("metadata");
    }

    /// <exception cref="ApiException">One of them is no string.</exception>
    public static void ReadStrings(RequestObject body, params ReadOnlySpan<string> names)
    {
        foreach (string name in names) body.String(name);
        body.Accept(names);
    }

    /// <exception cref="ApiException">It is there and none of <paramref name="values"/>.</exception>
    public static string? ReadOneOf(RequestObject body, string name, params ReadOnlySpan<string> values)
    {
        string? value = body.String(name);
        if (value is not null && !values.Contains(value)) throw RequestObject.OutOfRange(body.PathOf(name), $"one of '{string.Join("', '", values)}'");
        body.Accept(name);
        return value;
    }

    /// <summary>Hints to caches of prompts: this server's own keeps what is used.</summary>
    /// <exception cref="ApiException">They are not what they must be.</exception>
    public static void ReadCaching(RequestObject body)
    {
        ReadOneOf(body, "prompt_cache_retention", "in_memory", "in-memory", "24h");
        body.Object("prompt_cache_options");
        body.Accept("prompt_cache_options");
    }
}
