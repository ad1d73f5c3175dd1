using System.Text.Json;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Replies;
using Cluster.Serving;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI;

/// <summary>One request as its endpoint read it: what to generate, and in which form to answer.</summary>
public interface IRequestFormat
{
    string Model { get; }

    bool IsStreamed { get; }

    /// <summary>The field that holds the answer's schema, for errors.</summary>
    string SchemaParam { get; }

    /// <summary>The field that holds the prompt, for errors.</summary>
    string PromptParam { get; }

    /// <summary>The field that holds the budget of tokens, for errors.</summary>
    string TokensParam { get; }

    /// <summary>The request, free of HTTP.</summary>
    GenerationRequest ToGeneration(string requestId, RequestOwner owner, ServedModel? model);

    /// <summary>The answer as one object.</summary>
    IReply CreateReply(ReplyHeader header, PreparedGeneration prepared);

    /// <summary>The answer as events.</summary>
    IReplyStream CreateStream(ReplyHeader header, PreparedGeneration prepared);
}

/// <summary>Gathers the events of a request and writes one object.</summary>
public interface IReply
{
    void Take(GenerationEvent generated);

    /// <summary>For the headers; null for free text.</summary>
    StructuredOutputReport? StructuredOutput { get; }

    void Write(Utf8JsonWriter json, CompletionUsage usage);
}

/// <summary>Writes the events of a request as they come.</summary>
public interface IReplyStream
{
    /// <summary>Before anything is generated.</summary>
    ValueTask StartAsync(ServerSentEvents stream, CancellationToken cancellationToken);

    ValueTask SendAsync(ServerSentEvents stream, GenerationEvent generated, CancellationToken cancellationToken);

    /// <summary>After everything was generated; ends with what tells clients that the stream is whole.</summary>
    ValueTask EndAsync(ServerSentEvents stream, CompletionUsage usage, CancellationToken cancellationToken);

    /// <summary>Instead of the end; nothing follows.</summary>
    ValueTask FailAsync(ServerSentEvents stream, ApiError error, CancellationToken cancellationToken);
}
