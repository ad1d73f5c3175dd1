using System.Text.Json;
using Cluster.OpenAI.Replies;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Responses;

/// <summary>An unstreamed response.</summary>
internal sealed class ResponseReply(ResponseBuilder response) : IReply
{
    public StructuredOutputReport? StructuredOutput => response.StructuredOutput;

    public void Take(GenerationEvent generated)
    {
        switch (generated)
        {
            case ReasoningGenerated reasoning:
                response.OpenItem(ResponseItemKind.Reasoning, out _).Text.Append(reasoning.Text);
                break;
            case TextGenerated text:
                ResponseItem message = response.OpenItem(ResponseItemKind.Message, out _);
                message.Text.Append(text.Text);
                message.Logprobs.AddRange(text.Logprobs);
                break;
            case ToolCallBegan began:
                response.AddCall(began);
                break;
            case ToolCallInput input:
                response.Items[^1].Text.Append(input.Text);
                break;
            case ChoiceEnded ended:
                if (response.Items is [] or [{ Kind: ResponseItemKind.Reasoning }]) response.OpenItem(ResponseItemKind.Message, out _);
                response.Ended = ended;
                break;
        }
    }

    public void Write(Utf8JsonWriter json, CompletionUsage usage)
    {
        response.Store(usage);
        response.Write(json, usage);
    }
}
