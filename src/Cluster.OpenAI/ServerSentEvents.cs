using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI;

/// <summary>
/// Writes <c>data: {…}\n\n</c> events to one response. Each event is flushed by itself: a token is worth nothing in a buffer. Never compressed.
/// </summary>
public sealed class ServerSentEvents(HttpResponse response) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _event = new(1024);
    private readonly Utf8JsonWriter _json = new(Stream.Null, JsonText.WriterOptions);

    /// <summary>Sends the headers; from here on an error is an event.</summary>
    public void Start()
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers["x-accel-buffering"] = "no";
    }

    /// <summary>One event whose data is the JSON that <paramref name="write"/> writes.</summary>
    public async ValueTask SendAsync<TState>(TState state, Action<Utf8JsonWriter, TState> write, CancellationToken cancellationToken)
    {
        _event.ResetWrittenCount();
        _event.Write("data: "u8);
        _json.Reset(_event);
        write(_json, state);
        _json.Flush();
        _event.Write("\n\n"u8);
        await response.BodyWriter.WriteAsync(_event.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The event that tells clients the stream is whole.</summary>
    public async ValueTask SendDoneAsync(CancellationToken cancellationToken)
        => await response.BodyWriter.WriteAsync("data: [DONE]\n\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);

    public void Dispose() => _json.Dispose();
}
