using System.Text;
using System.Text.Json;
using Cluster.OpenAI.Requests;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Replies;

/// <summary>An unstreamed chat completion: gathers the events of a request and writes one object.</summary>
public sealed class ChatCompletionReply(ReplyHeader header, ChatCompletionRequest request, PreparedGeneration prepared) : IReply
{
    private readonly GatheredChoices _choices = new(prepared);

    public StructuredOutputReport? StructuredOutput => _choices.StructuredOutput;

    public void Take(GenerationEvent generated) => _choices.Take(generated);

    public void Write(Utf8JsonWriter json, CompletionUsage usage)
    {
        json.WriteStartObject();
        header.Write(json, "chat.completion");
        json.WriteStartArray("choices");
        for (int index = 0; index < _choices.Count; index++) WriteChoice(json, index, _choices[index]);
        json.WriteEndArray();
        usage.Write(json);
        json.WriteEndObject();
    }

    private void WriteChoice(Utf8JsonWriter json, int index, AnswerGatherer choice)
    {
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        json.WriteString("content", choice.Calls.Count > 0 && choice.Text.Length == 0 ? null : choice.Text.ToString());
        json.WriteNull("refusal");
        if (choice.Reasoning.Length > 0) json.WriteString("reasoning_content", choice.Reasoning.ToString());
        json.WriteStartArray("annotations");
        json.WriteEndArray();
        if (choice.Calls.Count > 0)
        {
            json.WriteStartArray("tool_calls");
            foreach (GatheredCall call in choice.Calls) ChoiceJson.WriteCall(json, call);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        ChoiceJson.WriteLogprobs(json, request.TopLogprobs is not null ? choice.Logprobs : null);
        json.WriteString("finish_reason", ChoiceJson.FinishReason(choice.Ended!, request.StructuredOutput.ClosesWithLength));
        StructuredOutputReport.Of(prepared, choice.Ended!)?.Write(json);
        json.WriteEndObject();
    }
}
