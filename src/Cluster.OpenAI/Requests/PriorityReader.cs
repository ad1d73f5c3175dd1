using Cluster.OpenAI.Errors;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Requests;

/// <summary>Reads <c>service_tier</c> as a class of priority within the caller's own share.</summary>
public static class PriorityReader
{
    /// <exception cref="ApiException">No such tier.</exception>
    public static RequestPriority Read(RequestObject body) => body.String("service_tier") switch
    {
        null or "auto" or "default" => RequestPriority.Normal,
        "flex" => RequestPriority.Low,
        "priority" or "scale" or "fast" => RequestPriority.High,
        _ => throw RequestObject.OutOfRange("service_tier", "'auto', 'default', 'flex', 'priority', 'scale' or 'fast'"),
    };

    /// <summary>The tier that an answer says it was served in.</summary>
    public static string TierOf(RequestPriority priority) => priority switch
    {
        RequestPriority.Low => "flex",
        RequestPriority.High => "priority",
        _ => "default",
    };
}
