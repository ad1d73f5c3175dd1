using Cluster.OpenAI.Replies;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI;

/// <summary>The events of one request, its tokens counted as they pass: what is charged does not depend on how the request ends.</summary>
internal sealed class TalliedEvents(IAsyncEnumerable<GenerationEvent> events, int choices, RequestMetrics.Watch watch, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<GenerationEvent> _events = events.GetAsyncEnumerator(cancellationToken);
    private readonly int[] _tokens = new int[choices];

    public GenerationEvent Current => _events.Current;

    /// <summary>Tokens of all choices so far.</summary>
    public int CompletionTokens => _tokens.Sum();

    /// <summary>Prompt tokens that came from a prefix cache when the first choice began.</summary>
    public int CachedPromptTokens { get; private set; }

    private int _reasoningTokens, _predictedTokens, _acceptedPredictedTokens;

    /// <summary>Of all choices so far.</summary>
    /// <param name="promptTokens">Of the request.</param>
    public CompletionUsage UsageOver(int promptTokens) => new(promptTokens, CompletionTokens, CachedPromptTokens)
    {
        ReasoningTokens = _reasoningTokens, PredictedTokens = _predictedTokens, AcceptedPredictedTokens = _acceptedPredictedTokens,
    };

    public async ValueTask<bool> MoveNextAsync()
    {
        if (!await _events.MoveNextAsync().ConfigureAwait(false)) return false;
        watch.Take(_events.Current);
        if (_events.Current is ChoiceEvent one)
        {
            _tokens[one.Choice] = one.Tokens;
            if (one is ChoiceEnded ended)
            {
                _reasoningTokens += ended.ReasoningTokens;
                _predictedTokens += ended.PredictedTokens;
                _acceptedPredictedTokens += ended.AcceptedPredictedTokens;
            }
            if (one.Choice == 0) CachedPromptTokens = one.CachedPromptTokens;
        }
        return true;
    }

    public ValueTask DisposeAsync()
    {
        watch.Dispose();
        return _events.DisposeAsync();
    }
}
