using System.Collections.Immutable;
using System.Text.Json;
using Cluster.OpenAI.Errors;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Requests;

/// <summary>Reads what goes to the model's chat template: <c>reasoning_effort</c> and <c>chat_template_kwargs</c> (names on a list: a template may trust its variables).</summary>
public static class TemplateReader
{
    private static readonly string[] Efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

    /// <summary>Variables that published templates ask for and that change nothing but their own text.</summary>
    private static readonly string[] Variables = ["enable_thinking", "thinking", "thinking_budget", "reasoning_effort", "preserve_thinking", "add_vision_id", "date_string", "custom_instructions"];

    public static TemplateRequest Read(RequestObject body) => Over(ReadEffort(body, "reasoning_effort"), body);

    /// <summary>The effort at <paramref name="name"/>, as templates know it.</summary>
    /// <exception cref="ApiException">No such effort.</exception>
    public static TemplateRequest ReadEffort(RequestObject from, string name)
    {
        if (from.String(name) is not { } effort) return TemplateRequest.Default;
        return Efforts.Contains(effort, StringComparer.Ordinal)
            ? TemplateRequest.Default with { Variables = EffortVariables(effort) }
            : throw RequestObject.OutOfRange(from.PathOf(name), $"one of '{string.Join("', '", Efforts)}'");
    }

    private static TemplateRequest Over(TemplateRequest request, RequestObject body)
    {
        if (body.Object("chat_template_kwargs") is not { } given) return request;
        var variables = request.Variables.ToBuilder();
        foreach (string name in Variables)
        {
            if (given.Any(name) is not { } value) continue;
            if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) throw RequestObject.WrongType(given.PathOf(name), "a string, a number or a boolean");
            variables[name] = value.Clone();
        }
        given.RefuseUnknown();
        return request with { Variables = variables.ToImmutable() };
    }

    private static ImmutableDictionary<string, JsonElement> EffortVariables(string effort) => ImmutableDictionary<string, JsonElement>.Empty
        .Add("reasoning_effort", JsonSerializer.SerializeToElement(effort))
        .Add("enable_thinking", JsonSerializer.SerializeToElement(effort != "none"))
        .Add("thinking", JsonSerializer.SerializeToElement(effort != "none"));
}
