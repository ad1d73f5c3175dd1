using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Replies;

/// <summary>The parts of a choice that streamed and unstreamed replies share.</summary>
internal static class ChoiceJson
{
    /// <summary>One of the values that official clients know; nothing else, ever.</summary>
    public static string FinishReason(ChoiceEnded ended, bool closesWithLength)
        => ended.End == ChoiceEnd.Length || (closesWithLength && ended.Document == DocumentEnd.ForceClosed) ? "length" : "stop";

    public static string? Status(DocumentEnd? document) => document switch
    {
        DocumentEnd.Complete => "complete",
        DocumentEnd.ForceClosed => "force_closed",
        _ => null,
    };

    public static void WriteStructuredOutput(Utf8JsonWriter json, DocumentEnd? document)
    {
        if (Status(document) is not { } status) return;
        json.WriteStartObject("structured_output");
        json.WriteString("status", status);
        json.WriteEndObject();
    }

    /// <summary>Present in every choice: null, or an entry a token.</summary>
    public static void WriteLogprobs(Utf8JsonWriter json, IReadOnlyCollection<TokenTextLogprob>? logprobs)
    {
        if (logprobs is null)
        {
            json.WriteNull("logprobs");
            return;
        }
        json.WriteStartObject("logprobs");
        json.WriteStartArray("content");
        foreach (TokenTextLogprob logprob in logprobs)
        {
            json.WriteStartObject();
            WriteToken(json, logprob);
            json.WriteStartArray("top_logprobs");
            foreach (TokenTextLogprob top in logprob.Top)
            {
                json.WriteStartObject();
                WriteToken(json, top);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNull("refusal");
        json.WriteEndObject();
    }

    private static void WriteToken(Utf8JsonWriter json, TokenTextLogprob token)
    {
        json.WriteString("token", token.Text);
        json.WriteNumber("logprob", Math.Max(-9999f, token.Logprob));
        json.WriteStartArray("bytes");
        foreach (byte value in token.Bytes) json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
