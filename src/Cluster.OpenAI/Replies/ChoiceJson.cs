using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Replies;

/// <summary>The parts of a choice that streamed and unstreamed replies share.</summary>
internal static class ChoiceJson
{
    /// <summary>One of the values that official clients know; nothing else, ever.</summary>
    public static string FinishReason(ChoiceEnded ended, bool closesWithLength)
        => ended.End == ChoiceEnd.Length || (closesWithLength && ended.Document == DocumentEnd.ForceClosed) ? "length"
            : ended.End == ChoiceEnd.ToolCalls ? "tool_calls" : "stop";

    /// <summary>A complete call of a message.</summary>
    public static void WriteCall(Utf8JsonWriter json, GatheredCall call)
    {
        string type = call.Began.IsCustom ? "custom" : "function";
        json.WriteStartObject();
        json.WriteString("id", call.Began.Id);
        json.WriteString("type", type);
        json.WriteStartObject(type);
        json.WriteString("name", call.Began.Name);
        json.WriteString(call.Began.IsCustom ? "input" : "arguments", call.Input.ToString());
        json.WriteEndObject();
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
        json.WritePropertyName("content");
        WriteLogprobList(json, logprobs);
        json.WriteNull("refusal");
        json.WriteEndObject();
    }

    /// <summary>An entry a token.</summary>
    public static void WriteLogprobList(Utf8JsonWriter json, IReadOnlyCollection<TokenTextLogprob> logprobs)
    {
        json.WriteStartArray();
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
