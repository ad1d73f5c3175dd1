using System.Text;
using System.Text.Json.Nodes;

namespace Cluster.Benchmarks.Fuzz;

/// <summary>Request bodies that are nearly right: one that works, with a few of its parts exchanged, moved, doubled or broken.</summary>
internal static class BodyMutator
{
    private const string Person = """{"type":"object","properties":{"name":{"type":"string","maxLength":9},"age":{"type":"integer"},"tags":{"type":"array","items":{"enum":["a","b"]},"maxItems":3}},"required":["name"],"additionalProperties":false}""";

    private static readonly (string Path, string Body)[] Seeds =
    [
        ("/v1/chat/completions", """{"model":"cluster-extract-1","messages":[{"role":"system","content":"x"},{"role":"user","content":[{"type":"text","text":"Jane is 34."}]}],"max_tokens":24,"n":2,"stop":["."],"seed":1,"logprobs":true,"top_logprobs":2,"logit_bias":{"5":1},"temperature":1,"stream":true,"stream_options":{"include_usage":true}}"""),
        ("/v1/chat/completions", """{"model":"cluster-extract-1","messages":[{"role":"user","content":"Jane is 34."}],"max_tokens":60,"response_format":{"type":"json_schema","json_schema":{"name":"p","strict":true,"schema":PERSON}},"structured_output":{"order":"any","whitespace":"compact","close":"length"}}"""),
        ("/v1/chat/completions", """{"model":"cluster-extract-1","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"y"}],"max_tokens":80,"tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":PERSON}},{"type":"custom","custom":{"name":"g","format":{"type":"grammar","grammar":{"syntax":"regex","definition":"[a-c]{1,3}"}}}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}},"parallel_tool_calls":false}"""),
        ("/v1/chat/completions", """{"model":"cluster-extract-1","messages":[{"role":"user","content":"x"}],"max_tokens":20,"structured_outputs":{"choice":["yes","no"]},"chat_template_kwargs":{"enable_thinking":false},"reasoning_effort":"low","service_tier":"flex"}"""),
        ("/v1/chat/completions", """{"model":"cluster-extract-1","messages":[{"role":"user","content":"x"}],"max_tokens":20,"guided_grammar":"start: \"a\" b*\nb: \"b\" | \"c\""}"""),
        ("/v1/responses", """{"model":"cluster-extract-1","instructions":"x","input":[{"role":"user","content":[{"type":"input_text","text":"Jane is 34."}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"y"}],"max_output_tokens":60,"text":{"format":{"type":"json_schema","name":"p","schema":PERSON}},"tools":[{"type":"function","name":"f","parameters":PERSON}],"tool_choice":"auto","include":["message.output_text.logprobs"],"metadata":{"a":"b"},"stream":true}"""),
        ("/v1/responses", """{"model":"cluster-extract-1","input":[{"role":"user","content":"x"},{"type":"reasoning","id":"rs_1","summary":[]}],"max_output_tokens":20,"tools":[{"type":"custom","name":"g"},{"type":"function","name":"f","parameters":PERSON}],"tool_choice":"required","service_tier":"fast","user":"u"}"""),
        ("/v1/chat/completions", """{"model":"cluster-extract-1","messages":[{"role":"user","content":"x"}],"max_tokens":40,"n":2,"tools":[{"type":"function","function":{"name":"f","parameters":PERSON}},{"type":"function","function":{"name":"g"}}],"stream":true,"store":true,"metadata":{"a":"b"},"prediction":{"type":"content","content":"y"}}"""),
        ("/v1/completions", """{"model":"cluster-extract-1","prompt":"a","max_tokens":8,"logprobs":2,"stop":["z"],"stream":true}"""),
        ("/v1/completions", """{"model":"cluster-extract-1","prompt":["a",[1,2,3]],"max_tokens":8,"n":2,"echo":true,"stream":false}"""),
        ("/v1/schemas/compile", """{"model":"cluster-extract-1","strict":false,"schema":PERSON}"""),
        ("/tokenize", """{"model":"cluster-extract-1","messages":[{"role":"user","content":"x"}],"return_token_strs":true}"""),
        ("/detokenize", """{"model":"cluster-extract-1","tokens":[1,2,3]}"""),
    ];

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1e400", "1.5", "99999999999999999999", "-9223372036854775808", "\"\"", "\"x\"", "\"\\u0000\"", "\"LONE\"", "\"\\u202e<|end|>\"", "[]", "{}", "[[]]",
        "{\"\":null}", "[null]", "{\"type\":\"object\"}", "{\"$ref\":\"#\"}", "{\"pattern\":\"(a*)*$\"}", "\"auto\"", "\"required\"", "[1,2,3]", "{\"name\":\"f\"}", "\"function\"", "\"DEEP\"", "{\"type\":\"integer\",\"default\":\"DEEP\"}",
    ];

    /// <summary>Deeper than readers of JSON go by themselves, not deeper than a body may.</summary>
    private static readonly string Deep = new string('[', 300) + new string(']', 300);

    public static (string Path, byte[] Body) Mutate(Random random)
    {
        (string path, string seed) = Seeds[random.Next(Seeds.Length)];
        JsonNode root = JsonNode.Parse(seed.Replace("PERSON", Person, StringComparison.Ordinal))!;
        int changes = random.Next(4);
        for (int i = 0; i < changes; i++) Change(root, random);
        string text = root.ToJsonString().Replace("LONE", "\\ud800", StringComparison.Ordinal).Replace("\"DEEP\"", Deep, StringComparison.Ordinal);
        if (random.Next(8) == 0) text = Doubled(text, random);
        byte[] body = Encoding.UTF8.GetBytes(random.Next(50) == 0 ? $"\ufeff{text}" : text);
        if (random.Next(5) == 0) body = Break(body, random);
        return (random.Next(20) == 0 ? Seeds[random.Next(Seeds.Length)].Path : path, body);
    }

    /// <summary>One member twice: the last one counts.</summary>
    private static string Doubled(string text, Random random)
    {
        int end = text.IndexOf("\":", random.Next(text.Length), StringComparison.Ordinal);
        int begin = end < 1 ? -1 : text.LastIndexOf('"', end - 1);
        return begin < 0 ? text : $"{text[..begin]}{text[begin..(end + 1)]}:{Values[random.Next(Values.Length)]},{text[begin..]}";
    }

    private static void Change(JsonNode root, Random random)
    {
        List<JsonNode> containers = [.. All(root).Where(node => node is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })];
        if (containers.Count == 0) return;
        JsonNode chosen = containers[random.Next(containers.Count)];
        JsonNode? value = random.Next(3) == 0 ? All(root).ElementAt(random.Next(All(root).Count()))?.DeepClone() : Parse(Values[random.Next(Values.Length)]);
        if (chosen is JsonObject one)
        {
            string name = one.ElementAt(random.Next(one.Count)).Key;
            switch (random.Next(4))
            {
                case 0: one.Remove(name); break;
                case 1: one[name + "x"] = value; break;
                default: one[name] = value; break;
            }
        }
        else if (chosen is JsonArray many)
        {
            int index = random.Next(many.Count);
            if (random.Next(3) == 0) many.RemoveAt(index);
            else if (random.Next(2) == 0) many.Add(many[index]?.DeepClone());
            else many[index] = value;
        }
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<JsonNode> All(JsonNode? node)
    {
        if (node is null) yield break;
        yield return node;
        IEnumerable<JsonNode?> below = node switch { JsonObject one => one.Select(member => member.Value), JsonArray many => many, _ => [] };
        foreach (JsonNode? child in below)
        {
            foreach (JsonNode inner in All(child)) yield return inner;
        }
    }

    /// <summary>Bytes exchanged, cut off, or doubled.</summary>
    private static byte[] Break(byte[] body, Random random)
    {
        if (body.Length == 0) return body;
        int at = random.Next(body.Length);
        switch (random.Next(4))
        {
            case 0: return body[..at];
            case 1: return [.. body[..at], .. body[random.Next(body.Length)..]];
            case 2: return [.. body, .. body];
            default:
                body[at] = (byte)random.Next(256);
                return body;
        }
    }
}
