using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.OpenAI.Tests.Support;

namespace Cluster.OpenAI.Tests;

/// <summary>Bad requests: each with its status, type, code and param; all four keys, always.</summary>
public sealed class ErrorMatrixTests(ErrorMatrixTests.Server shared) : IClassFixture<ErrorMatrixTests.Server>
{
    private const string Chat = "/v1/chat/completions", Responses = "/v1/responses", Completions = "/v1/completions", Compile = "/v1/schemas/compile", Tokenize = "/tokenize", Detokenize = "/detokenize";

    public sealed class Server : IAsyncLifetime
    {
        public EdgeServer Edge { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Edge = await EdgeServer.StartAsync(contextLength: 400);

        public ValueTask DisposeAsync() => Edge.DisposeAsync();
    }

    /// <summary>Endpoint, body, code, param. In a body, <c>+</c> stands for a request that is fine so far.</summary>
    public static TheoryData<string, string, string, string?> Rows()
    {
        var rows = new TheoryData<string, string, string, string?>();
        void Add(string endpoint, string? param, string body, string code = "invalid_request") => rows.Add(endpoint, body, code, param);
        foreach (string endpoint in new[] { Chat, Responses, Completions, Compile, Tokenize, Detokenize })
        {
            foreach (string body in new[] { "", "{", "[]", "7", "null", "\"x\"", "{\"model\":\"m\"} x", "\u0001", "{\"a\":1,}" }) Add(endpoint, null, body);
        }
        foreach (string endpoint in new[] { Chat, Responses, Completions, Tokenize, Detokenize })
        {
            Add(endpoint, "model", "{}");
            Add(endpoint, "model", """{"model":7}""");
            Add(endpoint, "model", """{"model":"\ud800"}""");
        }
        foreach (string endpoint in new[] { Chat, Responses, Completions })
        {
            Add(endpoint, "temperature", "+\"temperature\":2.1");
            Add(endpoint, "temperature", "+\"temperature\":\"1\"");
            Add(endpoint, "top_p", "+\"top_p\":1.5");
            Add(endpoint, "top_k", "+\"top_k\":-2");
            Add(endpoint, "min_p", "+\"min_p\":2");
            Add(endpoint, "min_tokens", "+\"min_tokens\":-1");
            if (endpoint != Responses)
            {
                Add(endpoint, "stop_token_ids[0]", "+\"stop_token_ids\":[-1]");
                Add(endpoint, "stop_token_ids", "+\"stop_token_ids\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]");
                Add(endpoint, "logprobs_mode", "+\"logprobs_mode\":\"cooked\"");
            }
            Add(endpoint, "presence_penalty", "+\"presence_penalty\":-3");
            Add(endpoint, "frequency_penalty", "+\"frequency_penalty\":\"x\"");
            Add(endpoint, "repetition_penalty", "+\"repetition_penalty\":0");
            Add(endpoint, "seed", "+\"seed\":1.5");
            Add(endpoint, "seed", "+\"seed\":99999999999999999999");
            Add(endpoint, "logit_bias", "+\"logit_bias\":{\"a\":1}");
            Add(endpoint, "logit_bias", "+\"logit_bias\":[1]");
            Add(endpoint, "logit_bias.1", "+\"logit_bias\":{\"1\":101}");
            Add(endpoint, "stream", "+\"stream\":1");
            Add(endpoint, "stream_options", "+\"stream_options\":{}");
            Add(endpoint, "stream_options.x", "+\"stream\":true,\"stream_options\":{\"x\":1}", "unknown_parameter");
            Add(endpoint, "prompt_cache_key", "+\"prompt_cache_key\":7");
            Add(endpoint, "prompt_cache_key", $"+\"prompt_cache_key\":\"{new string('k', 1025)}\"");
            Add(endpoint, "service_tier", "+\"service_tier\":\"gold\"");
            Add(endpoint, "frobnicate", "+\"frobnicate\":0", "unknown_parameter");
            Add(endpoint, "structured_output.order", "+\"structured_output\":{\"order\":1}");
            Add(endpoint, "structured_output.whitespace", "+\"structured_output\":{\"whitespace\":\"tabs\"}");
            Add(endpoint, "structured_output.close", "+\"structured_output\":{\"close\":\"never\"}");
            Add(endpoint, "structured_output.x", "+\"structured_output\":{\"x\":1}", "unknown_parameter");
            Add(endpoint, "structured_outputs.choice", "+\"structured_outputs\":{\"choice\":[]}");
            Add(endpoint, "structured_outputs.choice[1]", "+\"structured_outputs\":{\"choice\":[\"a\",1]}");
            Add(endpoint, "structured_outputs.regex", "+\"structured_outputs\":{\"json\":{},\"regex\":\"a\"}");
            Add(endpoint, "guided_json", "+\"guided_json\":\"{\"");
            Add(endpoint, "guided_json", "+\"guided_json\":7");
            Add(endpoint, "guided_choice", "+\"guided_choice\":\"a\"");
            Add(endpoint, "guided_whitespace_pattern", "+\"guided_whitespace_pattern\":\"x\"", "unsupported_parameter");
            Add(endpoint, "response_format.type", "+\"response_format\":{}");
            Add(endpoint, "response_format.json_schema.schema", "+\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\"}}");
        }
        foreach (string endpoint in new[] { Chat, Completions })
        {
            Add(endpoint, "n", "+\"n\":0");
            Add(endpoint, "n", "+\"n\":9");
            Add(endpoint, "max_tokens", "+\"max_tokens\":0");
            Add(endpoint, "stop", "+\"stop\":[1]".Replace("[1]", "\"\"", StringComparison.Ordinal));
            Add(endpoint, "stop[0]", "+\"stop\":[1]");
        }
        foreach (string endpoint in new[] { Chat, Responses })
        {
            string nested = endpoint == Chat ? "function" : "";
            string function = endpoint == Chat ? "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}" : "{\"type\":\"function\",\"name\":\"f\"}";
            string dot = nested.Length == 0 ? "" : $"{nested}.";
            Add(endpoint, "tools", "+\"tools\":{}");
            Add(endpoint, "tools[0]", "+\"tools\":[1]");
            Add(endpoint, "tools[0].type", "+\"tools\":[{}]");
            Add(endpoint, "tools[0].type", "+\"tools\":[{\"type\":\"mcp\"}]", "unsupported_parameter");
            Add(endpoint, $"tools[1].{dot}parameters", $"+\"tools\":[{function},{function}]");
            Add(endpoint, "structured_outputs.structural_tag", $"+\"tools\":[{function}],\"structured_outputs\":{{\"structural_tag\":{{\"format\":{{\"type\":\"any_text\"}}}}}}", "unsupported_parameter");
            Add(endpoint, "tool_choice", "+\"tool_choice\":\"required\"");
            Add(endpoint, "tool_choice", $"+\"tools\":[{function}],\"tool_choice\":\"maybe\"");
            Add(endpoint, "tool_choice.type", $"+\"tools\":[{function}],\"tool_choice\":{{}}");
            Add(endpoint, "tool_choice.type", $"+\"tools\":[{function}],\"tool_choice\":{{\"type\":\"mcp\"}}");
            Add(endpoint, "parallel_tool_calls", $"+\"tools\":[{function}],\"parallel_tool_calls\":\"yes\"");
            Add(endpoint, $"tool_choice.{dot}name", $"+\"tools\":[{function}],\"tool_choice\":{(endpoint == Chat ? "{\"type\":\"function\",\"function\":{\"name\":\"g\"}}" : "{\"type\":\"function\",\"name\":\"g\"}")}");
            Add(endpoint, "reasoning_effort", "+\"reasoning_effort\":\"extreme\"");
            Add(endpoint, "chat_template_kwargs.messages", "+\"chat_template_kwargs\":{\"messages\":[]}", "unknown_parameter");
            Add(endpoint, "chat_template_kwargs.enable_thinking", "+\"chat_template_kwargs\":{\"enable_thinking\":{}}");
            Add(endpoint, "top_logprobs", "+\"top_logprobs\":21");
        }
        foreach (string endpoint in new[] { Chat, Responses, Completions })
        {
            Add(endpoint, "metadata.a", "+\"metadata\":{\"a\":\"\\ud800\"}");
            Add(endpoint, "metadata", "+\"metadata\":{\"\\udc00\":\"a\"}");
            Add(endpoint, "metadata", "+\"metadata\":7");
            Add(endpoint, "metadata.a", "+\"metadata\":{\"a\":7}");
            Add(endpoint, "metadata.a", $"+\"metadata\":{{\"a\":\"{new string('v', 513)}\"}}");
            Add(endpoint, "metadata", $"+\"metadata\":{{\"{new string('k', 65)}\":\"a\"}}");
            Add(endpoint, "metadata", $"+\"metadata\":{{{string.Join(',', Enumerable.Range(0, 17).Select(n => $"\"{n}\":\"\""))}}}");
            Add(endpoint, "user", "+\"user\":7");
            Add(endpoint, "safety_identifier", "+\"safety_identifier\":{}");
            Add(endpoint, "store", "+\"store\":\"yes\"");
            Add(endpoint, "logit_bias", "+\"logit_bias\":{\"99999999\":1}");
            Add(endpoint, "min_tokens", $"+\"min_tokens\":4,\"{(endpoint == Responses ? "max_output_tokens" : "max_tokens")}\":3");
            string format = endpoint == Responses ? "\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"x\",\"schema\":{\"type\":\"string\",\"minLength\":50}}}" : "\"guided_json\":{\"type\":\"string\",\"minLength\":50}";
            Add(endpoint, endpoint == Responses ? "max_output_tokens" : "max_tokens", $"+\"{(endpoint == Responses ? "max_output_tokens" : "max_tokens")}\":3,{format}", "max_tokens_too_small");
            if (endpoint != Responses) Add(endpoint, "stop_token_ids", "+\"stop_token_ids\":[99999999]");
            if (endpoint == Completions) continue;
            Add(endpoint, "prompt_cache_retention", "+\"prompt_cache_retention\":\"1h\"");
            Add(endpoint, "prompt_cache_options", "+\"prompt_cache_options\":[]");
            Add(endpoint, "guided_json.title", "+\"guided_json\":\"{\\\"title\\\":\\\"\\\\ud800\\\"}\"");
        }
        AddChat(Add);
        AddResponses(Add);
        Add(Completions, "prompt", """{"model":"m"}""");
        Add(Completions, "prompt", """{"model":"m","prompt":[]}""");
        Add(Completions, "prompt", """{"model":"m","prompt":{}}""");
        Add(Completions, "prompt[1]", """{"model":"m","prompt":[1,"a"]}""");
        Add(Completions, "prompt[1]", """{"model":"m","prompt":["a",7]}""");
        Add(Completions, "prompt[0]", """{"model":"m","prompt":[-1]}""");
        Add(Completions, "prompt", """{"model":"m","prompt":[99999999]}""");
        Add(Completions, "prompt", """{"model":"m","prompt":""}""");
        Add(Completions, "best_of", "+\"best_of\":2", "unsupported_parameter");
        Add(Completions, "suffix", "+\"suffix\":\"x\"", "unsupported_parameter");
        Add(Completions, "echo", "+\"echo\":true,\"logprobs\":1", "unsupported_parameter");
        Add(Completions, "prompt", "{\"model\":\"m\",\"prompt\":\"" + new string('x', 100_000) + "\"}", "context_length_exceeded");
        Add(Compile, "schema", "{}");
        Add(Compile, "schema", """{"schema":7}""");
        Add(Compile, "x", """{"schema":{},"x":1}""", "unknown_parameter");
        Add(Tokenize, "messages", """{"model":"m"}""");
        Add(Tokenize, "prompt", """{"model":"m","prompt":7}""");
        Add(Detokenize, "tokens", """{"model":"m"}""");
        Add(Detokenize, "tokens[1]", """{"model":"m","tokens":[1,-1]}""");
        Add(Detokenize, "tokens[0]", """{"model":"m","tokens":[99999]}""");
        return rows;
    }

    private static void AddChat(Action<string, string?, string, string> add)
    {
        void Add(string? param, string body, string code = "invalid_request") => add(Chat, param, body, code);
        Add("messages", """{"model":"m"}""");
        Add("messages", """{"model":"m","messages":[]}""");
        Add("messages[0].role", """{"model":"m","messages":[{"content":"x"}]}""");
        Add("messages[0].content", """{"model":"m","messages":[{"role":"user","content":7}]}""");
        Add("messages[0].content[0].type", """{"model":"m","messages":[{"role":"user","content":[{"text":"x"}]}]}""");
        Add("messages[0].content[0].text", """{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}""");
        Add("messages[0].content[0].type", """{"model":"m","messages":[{"role":"user","content":[{"type":"input_audio"}]}]}""");
        Add("messages[0].content[0].x", """{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x","x":1}]}]}""", "unknown_parameter");
        Add("verbosity", "+\"verbosity\":\"chatty\"");
        Add("messages[0].x", """{"model":"m","messages":[{"role":"user","content":"x","x":1}]}""", "unknown_parameter");
        Add("messages[0].tool_call_id", """{"model":"m","messages":[{"role":"tool","content":"x"}]}""");
        Add("messages[0].tool_call_id", """{"model":"m","messages":[{"role":"tool","content":"x","tool_call_id":"a"}]}""");
        Add("messages[0].tool_calls[0].id", """{"model":"m","messages":[{"role":"assistant","tool_calls":[{}]}]}""");
        Add("messages[0].tool_calls[0].function", """{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a"}]}]}""");
        Add("messages[0].tool_calls[0].type", """{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"x"}]}]}""");
        Add("messages[0].tool_calls[0].function.name", """{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","function":{}}]}]}""");
        Add("messages[0].function_call", """{"model":"m","messages":[{"role":"assistant","content":"x","function_call":{}}]}""", "unsupported_parameter");
        Add("messages", "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + new string('x', 100_000) + "\"}]}", "context_length_exceeded");
        Add("max_completion_tokens", "+\"max_completion_tokens\":0");
        Add("max_completion_tokens", "+\"max_completion_tokens\":3,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"strict\":true,\"schema\":{\"type\":\"string\",\"minLength\":50}}}", "max_tokens_too_small");
        Add("top_logprobs", "+\"top_logprobs\":1");
        Add("prediction", "+\"prediction\":\"x\"");
        Add("prediction.type", "+\"prediction\":{}");
        Add("prediction.type", "+\"prediction\":{\"type\":\"x\",\"content\":\"x\"}");
        Add("prediction.content", "+\"prediction\":{\"type\":\"content\"}");
        Add("prediction.content", "+\"prediction\":{\"type\":\"content\",\"content\":7}");
        Add("prediction.x", "+\"prediction\":{\"type\":\"content\",\"content\":\"x\",\"x\":1}", "unknown_parameter");
        Add("logprobs", "+\"logprobs\":\"yes\"");
        Add("functions", "+\"functions\":[]", "unsupported_parameter");
        Add("function_call", "+\"function_call\":\"auto\"", "unsupported_parameter");
        Add("audio", "+\"audio\":{}", "unsupported_parameter");
        Add("web_search_options", "+\"web_search_options\":{}", "unsupported_parameter");
        Add("modalities", "+\"modalities\":[\"audio\"]", "unsupported_parameter");
        Add("response_format", "+\"response_format\":[]");
        Add("response_format.x", "+\"response_format\":{\"type\":\"text\",\"x\":1}", "unknown_parameter");
        Add("response_format.schema", "+\"response_format\":{\"type\":\"json_object\",\"schema\":true}");
        Add("response_format.schema.type", "+\"response_format\":{\"type\":\"json_object\",\"schema\":{\"type\":\"array\"}}");
        Add("response_format.schema", "+\"response_format\":{\"type\":\"text\",\"schema\":{}}", "unknown_parameter");
        Add("response_format.json_schema.name", "+\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"\",\"schema\":{}}}");
        Add("response_format.json_schema.strict", "+\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"strict\":1,\"schema\":{}}}");
        Add("response_format", "+\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"type\":\"x\"}}}");
        Add("response_format", "+\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"minimum\":\"1\"}}}");
        Add("response_format", "+\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"pattern\":\"[\"}}}");
        Add("response_format", "+\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"$ref\":\"#/x\"}}}");
        Add("response_format", "+\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"strict\":true,\"schema\":{\"type\":\"integer\",\"minimum\":2,\"maximum\":1}}}", "invalid_json_schema");
        Add("response_format", "+\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"strict\":true,\"schema\":{\"format\":\"idn-hostname\"}}}", "unsupported_schema_keyword");
        Add("response_format", "+\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"properties\":{\"a\":{\"$ref\":\"#\"},\"a\":{}}}}}");
        Add("response_format", "+\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"const\":[{\"a\":1,\"a\":2}]}}}");
        Add("tools[0].function.parameters", "+\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"type\":\"object\"}}}]");
        Add("structured_outputs.structural_tag", "+\"structured_outputs\":{\"structural_tag\":{\"format\":{\"type\":\"any_text\",\"type\":\"any_text\"}}}");
        Add("tool_choice.allowed_tools", "+\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":{\"type\":\"allowed_tools\"}");
        Add("tool_choice.allowed_tools.mode", "+\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"x\",\"tools\":[]}}");
        Add("tool_choice.allowed_tools.tools", "+\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\",\"tools\":[]}}");
        Add("tools[0].custom.format.type", "+\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"c\",\"format\":{\"type\":\"x\"}}}]");
        Add("tools[0].custom.format.grammar.syntax", "+\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"c\",\"format\":{\"type\":\"grammar\",\"grammar\":{\"definition\":\"a\",\"syntax\":\"x\"}}}}]");
    }

    private static void AddResponses(Action<string, string?, string, string> add)
    {
        void Add(string? param, string body, string code = "invalid_request") => add(Responses, param, body, code);
        Add("input", """{"model":"m"}""");
        Add("input", """{"model":"m","input":7}""");
        Add("input", """{"model":"m","input":[]}""");
        Add("input[0]", """{"model":"m","input":["x"]}""");
        Add("input[0].type", """{"model":"m","input":[{"type":"x"}]}""", "unsupported_parameter");
        Add("input[0].role", """{"model":"m","input":[{"content":"x"}]}""");
        Add("input[0].content", """{"model":"m","input":[{"role":"user"}]}""");
        Add("input[0].content[0].type", """{"model":"m","input":[{"role":"user","content":[{"type":"input_image"}]}]}""");
        Add("input[0].call_id", """{"model":"m","input":[{"type":"function_call","name":"f","arguments":"{}"}]}""");
        Add("input[0].call_id", """{"model":"m","input":[{"type":"function_call_output","call_id":"a","output":"x"}]}""");
        Add("input[0].id", """{"model":"m","input":[{"type":"item_reference","id":"msg_x"}]}""");
        Add("instructions", "+\"instructions\":[]");
        Add("max_output_tokens", "+\"max_output_tokens\":0");
        Add("text.format.type", "+\"text\":{\"format\":{}}");
        Add("text.format.name", "+\"text\":{\"format\":{\"type\":\"json_schema\",\"schema\":{}}}");
        Add("text.format.schema", "+\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"x\"}}");
        Add("text.format", "+\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"x\",\"schema\":{\"type\":\"x\"}}}");
        Add("text.x", "+\"text\":{\"x\":1}", "unknown_parameter");
        Add("guided_regex", "+\"guided_regex\":\"a\",\"text\":{\"format\":{\"type\":\"json_object\"}}");
        Add("include", "+\"include\":\"x\"");
        Add("include[1]", "+\"include\":[\"reasoning.encrypted_content\",\"x\"]");
        Add("text.verbosity", "+\"text\":{\"verbosity\":\"chatty\"}");
        Add("max_tool_calls", "+\"max_tool_calls\":0");
        Add("access_programs", "+\"access_programs\":{}", "unsupported_parameter");
        Add("image", "+\"image\":{}", "unsupported_parameter");
        Add("tools[0].async", "+\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"async\":true}]", "unsupported_parameter");
        Add("input[0].content[0].x", """{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"x","x":1}]}]}""", "unknown_parameter");
        Add("reasoning.effort", "+\"reasoning\":{\"effort\":\"x\"}");
        Add("truncation", "+\"truncation\":\"x\"");
        Add("metadata", "+\"metadata\":[]");
        Add("background", "+\"background\":true", "unsupported_parameter");
        Add("conversation", "+\"conversation\":\"x\"", "unsupported_parameter");
        Add("prompt", "+\"prompt\":{}", "unsupported_parameter");
        Add("previous_response_id", "+\"previous_response_id\":\"resp_none\"", "previous_response_not_found");
        Add("tools[0].name", "+\"tools\":[{\"type\":\"function\"}]");
        Add("tools[0].parameters", "+\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":[]}]");
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Post_BadRequest_IsATyped400(string endpoint, string body, string code, string? param)
    {
        HttpResponseMessage response = await shared.Edge.PostAsync(endpoint, Whole(endpoint, body));
        string text = await response.Content.ReadAsStringAsync();
        JsonElement error = JsonSerializer.Deserialize<JsonElement>(text).GetProperty("error");
        Assert.Equal(["code", "message", "param", "type"], error.EnumerateObject().Select(member => member.Name).Where(name => name != "details").Order());
        Assert.Equal((400, "invalid_request_error", code, param), ((int)response.StatusCode, error.GetProperty("type").GetString(), error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.StartsWith("req_", response.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);
    }

    private static string Whole(string endpoint, string body)
    {
        string fine = endpoint switch
        {
            Responses => """{"model":"m","input":"x",""",
            Completions => """{"model":"m","prompt":"x",""",
            _ => """{"model":"m","messages":[{"role":"user","content":"x"}],""",
        };
        return body.StartsWith('+') ? fine + body[1..] + "}" : body;
    }

    /// <summary>The JavaScript client sends every row, too, and must raise the class that goes with it: <c>tests/Clients</c> reads them from a file.</summary>
    [Fact]
    public void Rows_ForTheClients_AreWritten()
    {
        var rows = new JsonArray();
        foreach ((string endpoint, string body, string code, string? param) in Rows().Select(row => row.Data))
        {
            // What is too long for a context is written by the reader: x, as often as said.
            string whole = Whole(endpoint, body).Replace(new string('x', 100_000), "<x100000>", StringComparison.Ordinal);
            rows.Add(new JsonObject { ["endpoint"] = endpoint, ["body"] = whole, ["code"] = code, ["param"] = param });
        }
        string path = Path.Combine(Folder(), "..", "Clients", "support", "bad-requests.json");
        string text = rows.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Default }) + "\n";
        if (Environment.GetEnvironmentVariable("CLUSTER_UPDATE") == "1") File.WriteAllText(path, text);
        Assert.True(File.ReadAllText(path).ReplaceLineEndings("\n") == text.ReplaceLineEndings("\n"), $"{path} is out of date; to write it: CLUSTER_UPDATE=1");
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    [Theory]
    [InlineData("GET", "/v1/nothing", 404, "unknown_url")]
    [InlineData("GET", "/", 404, "unknown_url")]
    [InlineData("GET", "/v1/chat/completions", 405, "method_not_allowed")]
    [InlineData("DELETE", "/v1/models", 405, "method_not_allowed")]
    [InlineData("GET", "/v1/models/none", 404, "model_not_found")]
    [InlineData("GET", "/v1/responses/resp_none", 404, "response_not_found")]
    [InlineData("DELETE", "/v1/responses/resp_none", 404, "response_not_found")]
    [InlineData("GET", "/v1/responses/resp_none/input_items", 404, "response_not_found")]
    [InlineData("POST", "/v1/responses/resp_none/cancel", 404, "response_not_found")]
    public async Task Send_WhereNothingIs_SaysSo(string method, string path, int status, string code)
    {
        HttpResponseMessage response = await shared.Edge.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        JsonElement error = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Equal((status, code), ((int)response.StatusCode, error.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData(Chat, """{"model":"none","messages":[{"role":"user","content":"x"}]}""")]
    [InlineData(Responses, """{"model":"none","input":"x"}""")]
    [InlineData(Completions, """{"model":"none","prompt":"x"}""")]
    [InlineData(Tokenize, """{"model":"none","prompt":"x"}""")]
    [InlineData(Detokenize, """{"model":"none","tokens":[1]}""")]
    public async Task Post_UnknownModel_Is404(string endpoint, string body)
    {
        HttpResponseMessage response = await shared.Edge.PostAsync(endpoint, body);
        JsonElement error = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Equal((404, "model_not_found", "model"), ((int)response.StatusCode, error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Post_Compressed_Is415(string encoding)
    {
        using var content = new ByteArrayContent([0x1f, 0x8b, 8, 0]);
        content.Headers.ContentEncoding.Add(encoding);
        HttpResponseMessage response = await shared.Edge.Client.PostAsync(new Uri(Chat, UriKind.Relative), content);
        JsonElement error = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Equal((415, "unsupported_content_encoding"), ((int)response.StatusCode, error.GetProperty("code").GetString()));
    }

    [Fact]
    public void Rows_AreManyAndDifferent()
    {
        string[] all = [.. Rows().Select(row => row.Data.ToString())];
        Assert.True(all.Length >= 150, $"{all.Length} bad requests");
        Assert.Equal(all.Length, all.Distinct().Count());
    }
}
