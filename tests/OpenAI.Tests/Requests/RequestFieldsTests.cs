using System.Text.Json;
using Cluster.OpenAI.Requests;
using Cluster.OpenAI.Tests.Support;

namespace Cluster.OpenAI.Tests.Requests;

/// <summary>Every field of today's API is honoured, accepted without effect or refused by name; the README says which, as the code does.</summary>
public class RequestFieldsTests
{
    private const string Begin = "<!-- fields -->\n", End = "<!-- /fields -->";

    /// <summary>The fields of OpenAI's published API description, and those that vLLM's users send.</summary>
    private static readonly Dictionary<string, string[]> Published = new()
    {
        ["/v1/chat/completions"] =
        [
            "messages", "model", "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens", "metadata",
            "modalities", "n", "parallel_tool_calls", "prediction", "presence_penalty", "moderation", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning_effort", "response_format",
            "safety_identifier", "seed", "service_tier", "stop", "store", "stream", "stream_options", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user",
            "verbosity", "web_search_options",
            "structured_outputs", "guided_json", "guided_regex", "guided_choice", "guided_grammar", "guided_decoding_backend", "guided_whitespace_pattern", "chat_template_kwargs",
            "top_k", "min_p", "repetition_penalty",
        ],
        ["/v1/responses"] =
        [
            "access_programs", "background", "context_management", "conversation", "image", "include", "input", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "model", "moderation", "parallel_tool_calls",
            "previous_response_id", "prompt", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning", "safety_identifier", "service_tier", "store", "stream", "stream_options",
            "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user",
        ],
        ["/v1/completions"] =
        [
            "model", "prompt", "best_of", "echo", "frequency_penalty", "logit_bias", "logprobs", "max_tokens", "n", "presence_penalty", "seed", "stop", "stream",
            "stream_options", "suffix", "temperature", "top_p", "user",
        ],
    };

    [Fact]
    public void EveryPublishedField_IsKnown()
    {
        foreach ((string endpoint, IReadOnlyDictionary<string, FieldTreatment> fields) in RequestFields.All)
        {
            Assert.Empty(Published[endpoint].Except(fields.Keys));
        }
    }

    [Fact]
    public async Task EveryRefusedField_Is400ByItsName_AndEveryAcceptedOneIsNot()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        foreach ((string endpoint, IReadOnlyDictionary<string, FieldTreatment> fields) in RequestFields.All)
        {
            string smallest = endpoint switch
            {
                "/v1/responses" => """{"model":"m","input":"x","FIELD":VALUE}""",
                "/v1/completions" => """{"model":"m","prompt":"x","FIELD":VALUE}""",
                _ => """{"model":"m","messages":[{"role":"user","content":"x"}],"FIELD":VALUE}""",
            };
            foreach ((string name, FieldTreatment treatment) in fields)
            {
                if (treatment == FieldTreatment.Honoured) continue;
                string value = name switch
                {
                    "metadata" or "prompt_cache_options" => "{}", "truncation" => "\"auto\"", "store" => "true", "verbosity" => "\"low\"", "prompt_cache_retention" => "\"24h\"", "max_tool_calls" => "3", _ => "\"x\"",
                };
                HttpResponseMessage response = await server.PostAsync(endpoint, smallest.Replace("FIELD", name, StringComparison.Ordinal).Replace("VALUE", value, StringComparison.Ordinal));
                Assert.True((int)response.StatusCode == (treatment == FieldTreatment.Refused ? 400 : 200), $"{endpoint} {name}: {(int)response.StatusCode}");
                if (treatment != FieldTreatment.Refused) continue;
                JsonElement error = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("error");
                Assert.Equal(("unsupported_parameter", name), (error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
            }
        }
    }

    [Fact]
    public void Readme_HoldsTheTable()
    {
        string path = Path.Combine(Root(), "README.md");
        string readme = File.ReadAllText(path).ReplaceLineEndings("\n");
        int begin = readme.IndexOf(Begin, StringComparison.Ordinal), end = readme.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin > 0 && end > begin, "README.md has no table of fields");
        string table = RequestFields.Table();
        if (Environment.GetEnvironmentVariable("CLUSTER_UPDATE") == "1")
        {
            File.WriteAllText(path, readme[..(begin + Begin.Length)] + table + readme[end..]);
            return;
        }
        Assert.True(table == readme[(begin + Begin.Length)..end], "README.md's table of fields is out of date; to write it anew: CLUSTER_UPDATE=1 .build/test.sh OpenAI.Tests");
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Cluster.sln"))) return folder.FullName;
        }
        throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
