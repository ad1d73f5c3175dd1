using System.Text;
using System.Text.Json;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Replies;

/// <summary>An unstreamed chat completion: gathers the events of a request and writes one object.</summary>
public sealed class ChatCompletionReply(CompletionHeader header, int choices, bool hasLogprobs, bool closesWithLength)
{
    private sealed class Choice
    {
        public StringBuilder Text { get; } = new();
        public List<TokenTextLogprob> Logprobs { get; } = [];
        public ChoiceEnded? Ended { get; set; }
    }

    private readonly Choice[] _choices = [.. Enumerable.Range(0, choices).Select(_ => new Choice())];

    public int CompletionTokens => _choices.Sum(choice => choice.Ended?.Tokens ?? 0);

    /// <summary>Of the header <c>x-structured-output</c>: null for free text, <c>force_closed</c> if any choice was closed early.</summary>
    public string? StructuredOutput
        => ChoiceJson.Status(_choices.Select(choice => choice.Ended?.Document).Max());

    public void Take(GenerationEvent generated)
    {
        switch (generated)
        {
            case TextGenerated text:
                _choices[text.Choice].Text.Append(text.Text);
                _choices[text.Choice].Logprobs.AddRange(text.Logprobs);
                break;
            case ChoiceEnded ended:
                _choices[ended.Choice].Ended = ended;
                break;
        }
    }

    public void Write(Utf8JsonWriter json, CompletionUsage usage)
    {
        json.WriteStartObject();
        header.Write(json, "chat.completion");
        json.WriteStartArray("choices");
        for (int index = 0; index < _choices.Length; index++)
        {
            Choice choice = _choices[index];
            json.WriteStartObject();
            json.WriteNumber("index", index);
            json.WriteStartObject("message");
            json.WriteString("role", "assistant");
            json.WriteString("content", choice.Text.ToString());
            json.WriteNull("refusal");
            json.WriteStartArray("annotations");
            json.WriteEndArray();
            json.WriteEndObject();
            ChoiceJson.WriteLogprobs(json, hasLogprobs ? choice.Logprobs : null);
            json.WriteString("finish_reason", ChoiceJson.FinishReason(choice.Ended!, closesWithLength));
            ChoiceJson.WriteStructuredOutput(json, choice.Ended!.Document);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        usage.Write(json);
        json.WriteString("service_tier", "default");
        json.WriteEndObject();
    }
}
