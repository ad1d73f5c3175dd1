using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Cluster.OpenAI.Replies;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI;

/// <summary>
/// Writes <c>data: {…}\n\n</c> events to one response. Each event is flushed by itself: a token is worth nothing in a buffer. Never compressed.
/// </summary>
/// <remarks>A client that does not read fills its buffers; when a write then waits longer than the stall bound, the connection is cut.</remarks>
public sealed class ServerSentEvents(HttpContext http, TimeSpan stallMax, StreamMetrics metrics, TimeProvider time) : IDisposable
{
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
        PipeWriter output = _response.BodyWriter;
        if (name.Length > 0)
        {
            output.Write("event: "u8);
            Encoding.UTF8.GetBytes(name, output);
            output.Write("\n"u8);
        }
        output.Write("data: "u8);
        _json.Reset(output);
        write(_json, state);
        _json.Flush();
        output.Write("\n\n"u8);
        return FlushAsync(cancellationToken);
    }

    /// <summary>One event whose data is <paramref name="chunk"/> with this text.</summary>
    public ValueTask SendAsync(ChunkTemplate chunk, string text, CancellationToken cancellationToken)
    {
        chunk.Write(_response.BodyWriter, text);
        return FlushAsync(cancellationToken);
    }

    /// <summary>The event that tells clients the stream is whole.</summary>
    public ValueTask SendDoneAsync(CancellationToken cancellationToken)
    {
        _response.BodyWriter.Write("data: [DONE]\n\n"u8);
        return FlushAsync(cancellationToken);
    }

    private ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        ValueTask<FlushResult> flushing = _response.BodyWriter.FlushAsync(cancellationToken);
        if (!flushing.IsCompletedSuccessfully) return WaitAsync(flushing, cancellationToken);
        _ = flushing.Result;
        return default;
    }

    private async ValueTask WaitAsync(ValueTask<FlushResult> flushing, CancellationToken cancellationToken)
    {
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
