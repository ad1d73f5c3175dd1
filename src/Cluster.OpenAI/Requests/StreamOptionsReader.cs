namespace Cluster.OpenAI.Requests;

/// <summary>Reads <c>stream_options</c>.</summary>
public static class StreamOptionsReader
{
    /// <returns>Whether a stream ends with its usage.</returns>
    public static bool Read(RequestObject body)
    {
        if (body.Object("stream_options") is not { } stream) return false;
        bool includesUsage = stream.Boolean("include_usage") ?? false;
        stream.Accept("include_obfuscation");
        stream.RefuseUnknown();
        return body.Boolean("stream") is true
            ? includesUsage
            : throw RequestObject.Invalid("stream_options", "'stream_options' is only allowed when 'stream' is true.");
    }
}
