using System.Text.Json;
using Cluster.OpenAI.Replies;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Completions;

/// <summary>What streamed and unstreamed completions share.</summary>
internal static class CompletionJson
{
    public const string ObjectName = "text_completion";

    /// <summary>The text that precedes a choice where the request asked for it.</summary>
    public static string EchoOf(CompletionRequest request, PreparedGeneration prepared, int choice)
        => request.Echoes ? prepared.Model.Tokenizer.Decode(prepared.Prompts[choice / request.ChoicesPerPrompt].AsSpan()) : "";

    public static void WriteChoice(
        Utf8JsonWriter json, CompletionRequest request, PreparedGeneration prepared, int choice, string text, IReadOnlyCollection<TokenTextLogprob> logprobs, int textOffset, ChoiceEnded? ended)
    {
        json.WriteStartObject();
        json.WriteNumber("index", choice);
        json.WriteString("text", text);
        WriteLogprobs(json, request.TopLogprobs is null ? null : logprobs, textOffset);
        json.WriteString("finish_reason", ended is null ? null : ChoiceJson.FinishReason(ended, request.StructuredOutput.ClosesWithLength));
        if (ended is not null) StructuredOutputReport.Of(prepared, ended)?.Write(json);
        json.WriteEndObject();
    }

    /// <summary>Lists side by side, as this older format has them.</summary>
    private static void WriteLogprobs(Utf8JsonWriter json, IReadOnlyCollection<TokenTextLogprob>? logprobs, int textOffset)
    {
        if (logprobs is null)
        {
            json.WriteNull("logprobs");
            return;
        }
        json.WriteStartObject("logprobs");
        json.WriteStartArray("tokens");
        foreach (TokenTextLogprob one in logprobs) json.WriteStringValue(one.Text);
        json.WriteEndArray();
        json.WriteStartArray("token_logprobs");
        foreach (TokenTextLogprob one in logprobs) json.WriteNumberValue(Math.Max(-9999f, one.Logprob));
        json.WriteEndArray();
        json.WriteStartArray("top_logprobs");
        foreach (TokenTextLogprob one in logprobs)
        {
            json.WriteStartObject();
            foreach (TokenTextLogprob top in one.Top.DistinctBy(top => top.Text)) json.WriteNumber(top.Text, Math.Max(-9999f, top.Logprob));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("text_offset");
        foreach (TokenTextLogprob one in logprobs)
        {
            json.WriteNumberValue(textOffset);
            textOffset += one.Text.Length;
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
