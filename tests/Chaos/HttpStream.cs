using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Cluster.Chaos;

/// <summary>One request as its client saw it: the text of each choice, when each piece came, and how it ended.</summary>
public sealed class HttpStream(ulong number, string body, int? schema) : IStreamOutcome
{
    private sealed class Choice
    {
        public StringBuilder Text { get; } = new();

        public List<long> Arrivals { get; } = [];

        public List<long> HandOvers { get; } = [];

        public int Logprobs { get; set; }

        public string? FinishReason { get; set; }
    }

    private readonly SortedDictionary<int, Choice> _choices = [];
    private readonly Lock _gate = new();
    private int? _completionTokens;
    private bool _hasLogprobs;
    private bool _isDone;

    public ulong Number => number;

    public string Body => body;

    /// <summary>Index of the schema that the documents must validate against; null for free text.</summary>
    public int? Schema => schema;

    /// <summary>From the response's header, without its prefix.</summary>
    public string RequestId { get; set; } = "";

    public string? Failure { get; set; }

    public bool IsComplete => Failure is null && _isDone && _completionTokens is not null && _choices.Count > 0 && _choices.Values.All(choice => choice.FinishReason is not null);

    public bool IsContinued
    {
        get { lock (_gate) return _choices.Values.Any(choice => choice.HandOvers.Count > 0); }
    }

    // Where every token comes with its log-probability, tokens can be counted; elsewhere the comparison with the undisturbed run shows them.
    public int Duplicated => _hasLogprobs && _completionTokens is { } tokens ? Math.Max(0, _choices.Values.Sum(choice => choice.Logprobs) - tokens) : 0;

    public int Missing => _hasLogprobs && _completionTokens is { } tokens && IsComplete ? Math.Max(0, tokens - _choices.Values.Sum(choice => choice.Logprobs)) : 0;

    public int Invalid { get; set; }

    public IReadOnlyList<string> Texts
    {
        get { lock (_gate) return [.. _choices.Values.Select(choice => choice.Text.ToString())]; }
    }

    /// <summary>The data of one event.</summary>
    public void Take(string data)
    {
        if (data == "[DONE]")
        {
            _isDone = true;
            return;
        }
        using var document = JsonDocument.Parse(data);
        JsonElement chunk = document.RootElement;
        if (chunk.TryGetProperty("error", out JsonElement error))
        {
            Failure = error.GetRawText();
            return;
        }
        if (chunk.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object) _completionTokens = usage.GetProperty("completion_tokens").GetInt32();
        lock (_gate)
        {
            foreach (JsonElement one in chunk.GetProperty("choices").EnumerateArray())
            {
                Choice choice = Get(one.GetProperty("index").GetInt32());
                if (one.GetProperty("delta").TryGetProperty("content", out JsonElement content) && content.GetString() is { Length: > 0 } text)
                {
                    choice.Text.Append(text);
                    choice.Arrivals.Add(Stopwatch.GetTimestamp());
                }
                if (one.TryGetProperty("logprobs", out JsonElement logprobs) && logprobs.ValueKind == JsonValueKind.Object && logprobs.TryGetProperty("content", out JsonElement tokens)
                    && tokens.ValueKind == JsonValueKind.Array)
                {
                    _hasLogprobs = true;
                    choice.Logprobs += tokens.GetArrayLength();
                }
                if (one.GetProperty("finish_reason").GetString() is { } reason) choice.FinishReason = reason;
            }
        }
    }

    /// <summary>A choice left a replica, as the edge said just now.</summary>
    public void HandedOver(int choice)
    {
        lock (_gate) Get(choice).HandOvers.Add(Stopwatch.GetTimestamp());
    }

    public IReadOnlyList<ClientGap> Gaps()
    {
        lock (_gate) return [.. _choices.Values.SelectMany(choice => choice.HandOvers.Select(at => GapAround(choice.Arrivals, at))).Where(gap => gap.GapMs > 0)];
    }

    /// <summary>The longest silence that touches the moment of the hand-over; the edge's word for it may come a little after the next replica's first token.</summary>
    private static ClientGap GapAround(List<long> arrivals, long at)
    {
        long early = at - (Stopwatch.Frequency / 10);
        var longest = new ClientGap(at, 0, 0);
        for (int n = 1; n < arrivals.Count; n++)
        {
            if (arrivals[n] < early || arrivals[n - 1] > at) continue;
            double gap = Stopwatch.GetElapsedTime(arrivals[n - 1], arrivals[n]).TotalMilliseconds;
            if (gap > longest.GapMs) longest = new ClientGap(at, gap, Math.Max(0, Stopwatch.GetElapsedTime(at, arrivals[n]).TotalMilliseconds));
        }
        return longest;
    }

    private Choice Get(int index)
    {
        if (!_choices.TryGetValue(index, out Choice? choice)) _choices[index] = choice = new Choice();
        return choice;
    }
}
