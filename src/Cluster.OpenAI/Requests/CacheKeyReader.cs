using Cluster.OpenAI.Errors;

namespace Cluster.OpenAI.Requests;

/// <summary>Reads <c>prompt_cache_key</c>: requests with the same one prefer the same replica.</summary>
public static class CacheKeyReader
{
    /// <exception cref="ApiException">Not a string, or too long.</exception>
    public static string? Read(RequestObject body, OpenAIOptions options) => body.String("prompt_cache_key") switch
    {
        null or "" => null,
        { } key when key.Length > options.CacheKeyCharactersMax => throw RequestObject.OutOfRange("prompt_cache_key", $"a string of at most {options.CacheKeyCharactersMax} characters"),
        { } key => key,
    };
}
