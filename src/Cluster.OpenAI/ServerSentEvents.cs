using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI;

/// <summary>
/// Writes <c>data: {…}\n\n</c> events to one response. Each event is flushed by itself: a token is worth nothing in a buffer. Never compressed.
/// </summary>
/// <remarks>A client that does not read fills its buffers; when a write then waits longer than the stall bound, the connection is cut.</remarks>
public sealed class ServerSentEvents(HttpContext http, TimeSpan stallMax, StreamMetrics metrics, TimeProvider time) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _event = new(1024);
    private readonly Utf8JsonWriter _json = new(Stream.Null, JsonText.WriterOptions);
    private readonly HttpResponse _response = http.Response;

    /// <summary>Sends the headers; from here on an error is an event.</summary>
    public void Start()
    {
        _response.StatusCode = StatusCodes.Status200OK;
        _response.ContentType = "text/event-stream; charset=utf-8";
        _response.Headers.CacheControl = "no-cache, no-store";
        _response.Headers["x-accel-buffering"] = "no";
    }

    /// <summary>One event whose data is the JSON that <paramref name="write"/> writes.</summary>
    public ValueTask SendAsync<TState>(TState state, Action<Utf8JsonWriter, TState> write, CancellationToken cancellationToken)
        => SendAsync("", state, write, cancellationToken);

    /// <summary>One event with a name.</summary>
    public ValueTask SendAsync<TState>(string name, TState state, Action<Utf8JsonWriter, TState> write, CancellationToken cancellationToken)
    {
        _event.ResetWrittenCount();
        if (name.Length > 0)
        {
            _event.Write("event: "u8);
            Encoding.UTF8.GetBytes(name, _event);
            _event.Write("\n"u8);
        }
        _event.Write("data: "u8);
        _json.Reset(_event);
        write(_json, state);
        _json.Flush();
        _event.Write("\n\n"u8);
        return FlushAsync(_event.WrittenMemory, cancellationToken);
    }

    /// <summary>The event that tells clients the stream is whole.</summary>
    public ValueTask SendDoneAsync(CancellationToken cancellationToken) => FlushAsync("data: [DONE]\n\n"u8.ToArray(), cancellationToken);

    private async ValueTask FlushAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        ValueTask<FlushResult> flushing = _response.BodyWriter.WriteAsync(bytes, cancellationToken);
        if (flushing.IsCompletedSuccessfully)
        {
            _ = flushing.Result;
            return;
        }
        try
        {
            await flushing.AsTask().WaitAsync(stallMax, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            metrics.Stalled();
            http.Abort();
            throw new OperationCanceledException("The client did not read its stream.", http.RequestAborted);
        }
    }

    public void Dispose() => _json.Dispose();
}
