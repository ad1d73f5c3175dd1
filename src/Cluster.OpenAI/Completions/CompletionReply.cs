using System.Text.Json;
using Cluster.OpenAI.Replies;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Completions;

/// <summary>An unstreamed completion: gathers the events of a request and writes one object.</summary>
public sealed class CompletionReply(ReplyHeader header, CompletionRequest request, PreparedGeneration prepared) : IReply
{
    private readonly GatheredChoices _choices = new(prepared);

    public StructuredOutputReport? StructuredOutput => _choices.StructuredOutput;

    public void Take(GenerationEvent generated) => _choices.Take(generated);

    public void Write(Utf8JsonWriter json, CompletionUsage usage)
    {
        json.WriteStartObject();
        header.Write(json, CompletionJson.ObjectName);
        json.WriteStartArray("choices");
        for (int index = 0; index < _choices.Count; index++)
        {
            AnswerGatherer choice = _choices[index];
            string text = CompletionJson.EchoOf(request, prepared, index) + choice.Text;
            CompletionJson.WriteChoice(json, request, prepared, index, text, choice.Logprobs, 0, choice.Ended);
        }
        json.WriteEndArray();
        usage.Write(json);
        json.WriteEndObject();
    }
}
