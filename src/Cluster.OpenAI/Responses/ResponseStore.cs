using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Cluster.Serving.Generation;
using Microsoft.Extensions.Options;

namespace Cluster.OpenAI.Responses;

/// <summary>A finished response that can be asked for again, and continued.</summary>
/// <param name="Id"><c>resp_…</c>.</param>
/// <param name="Owner">The key it belongs to: nobody else sees it.</param>
/// <param name="Json">The response object.</param>
/// <param name="InputItems">What was asked, as a JSON array.</param>
/// <param name="Conversation">Everything said so far, the answer included; instructions are not carried over.</param>
/// <param name="Items">The answer's items by id.</param>
public sealed record StoredResponse(
    string Id, string Owner, ReadOnlyMemory<byte> Json, string InputItems, ImmutableArray<ChatMessage> Conversation, ImmutableArray<KeyValuePair<string, ChatMessage>> Items)
{
    /// <summary>Estimated memory.</summary>
    public long Bytes { get; } = 512 + Json.Length + (InputItems.Length * 2L)
        + Conversation.Sum(message => 64 + (message.Content.Length * 2L) + message.ToolCalls.Sum(call => 64 + (call.Arguments.Length * 2L)));
}

/// <summary>Finished responses of this process, least recently used out, bounded in number and in bytes.</summary>
/// <remarks>In memory: a conversation that must outlive the process belongs to its client, who can send it whole.</remarks>
public sealed class ResponseStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<StoredResponse>> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _responseOfItem = new(StringComparer.Ordinal);
    private readonly LinkedList<StoredResponse> _byUse = new();
    private readonly OpenAIOptions _options;
    private readonly Counter<long>? _evicted;
    private long _bytes;

    public ResponseStore(IOptions<OpenAIOptions> options, IMeterFactory? meters = null)
    {
        _options = options.Value;
        Meter? meter = meters?.Create("Cluster.OpenAI");
        _evicted = meter?.CreateCounter<long>("cluster.responses.evicted", "{response}", "Stored responses dropped for space.");
        meter?.CreateObservableGauge("cluster.responses.stored", () => Count, "{response}", "Responses that can be asked for again.");
    }

    public int Count
    {
        get { lock (_gate) return _byId.Count; }
    }

    public void Add(StoredResponse response)
    {
        lock (_gate)
        {
            _byId[response.Id] = _byUse.AddFirst(response);
            foreach ((string item, _) in response.Items) _responseOfItem[item] = response.Id;
            _bytes += response.Bytes;
            while (_byUse.Count > _options.StoredResponsesMax || _bytes > _options.StoredResponseBytesMax)
            {
                Remove(_byUse.Last!);
                _evicted?.Add(1);
            }
        }
    }

    /// <summary>Null if there is none for this owner.</summary>
    public StoredResponse? Find(string id, string owner)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out LinkedListNode<StoredResponse>? node) || node.Value.Owner != owner) return null;
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value;
        }
    }

    /// <summary>An item of a stored answer; null if there is none for this owner.</summary>
    public ChatMessage? FindItem(string itemId, string owner)
    {
        string? response;
        lock (_gate) response = _responseOfItem.GetValueOrDefault(itemId);
        return response is null ? null : Find(response, owner)?.Items.FirstOrDefault(item => item.Key == itemId).Value;
    }

    /// <summary>False if there is none for this owner.</summary>
    public bool Delete(string id, string owner)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out LinkedListNode<StoredResponse>? node) || node.Value.Owner != owner) return false;
            Remove(node);
            return true;
        }
    }

    private void Remove(LinkedListNode<StoredResponse> node)
    {
        _byUse.Remove(node);
        _byId.Remove(node.Value.Id);
        foreach ((string item, _) in node.Value.Items) _responseOfItem.Remove(item);
        _bytes -= node.Value.Bytes;
    }
}
