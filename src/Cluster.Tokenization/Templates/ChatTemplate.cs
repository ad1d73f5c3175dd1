using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cluster.Tokenization.Templates.Running;
using Cluster.Tokenization.Templates.Syntax;
using Cluster.Tokenization.Templates.Values;

namespace Cluster.Tokenization.Templates;

/// <summary>
/// Messages to prompt, by the Jinja template that came with the model. Immutable; renderings may run at the same time.
/// </summary>
/// <remarks>
/// Renders as npm @huggingface/jinja does, with trim_blocks and lstrip_blocks on. A template can reach nothing but its arguments and the clock, and is
/// bounded by <see cref="TemplateOptions"/>. Templates come from model folders and configuration, never from a request.
/// </remarks>
public sealed class ChatTemplate
{
    private readonly IReadOnlyList<TemplateNode> _body;
    private readonly IReadOnlyDictionary<string, string> _specialTokens;
    private readonly TimeProvider _time;
    private readonly TemplateOptions _options;

    /// <param name="specialTokens">Variables such as bos_token, by name.</param>
    /// <param name="time">What strftime_now asks.</param>
    /// <exception cref="TemplateException">The source is not a template.</exception>
    public ChatTemplate(string source, IReadOnlyDictionary<string, string> specialTokens, TimeProvider time, TemplateOptions? options = null)
    {
        _options = options ?? TemplateOptions.Default;
        _specialTokens = specialTokens;
        _time = time;
        _body = StatementParser.Parse(source, _options);
        Source = source;
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)));
    }

    public string Source { get; }

    /// <summary>Lower-case hex SHA-256 of the source.</summary>
    public string Fingerprint { get; }

    /// <summary>The prompt of a conversation.</summary>
    /// <param name="messages">An array of objects with role, content and so on, as the template expects them.</param>
    /// <param name="tools">Function declarations; none where absent.</param>
    /// <param name="variables">Whatever else the template may ask for; wins over special tokens of the same name.</param>
    /// <param name="addGenerationPrompt">Open the assistant's turn at the end.</param>
    /// <exception cref="TemplateException">The template raised, failed, or reached a limit.</exception>
    public string Render(JsonElement messages, JsonElement? tools = null, IReadOnlyDictionary<string, JsonElement>? variables = null, bool addGenerationPrompt = true)
    {
        var all = new Dictionary<string, TemplateValue>
        {
            ["messages"] = TemplateJson.Read(messages),
            // Absent tools are none, not undefined: published templates ask "tools is not none".
            ["tools"] = tools is { } list ? TemplateJson.Read(list) : NoneValue.Instance,
            ["documents"] = NoneValue.Instance,
            ["add_generation_prompt"] = BoolValue.Of(addGenerationPrompt),
        };
        foreach ((string name, JsonElement value) in variables ?? new Dictionary<string, JsonElement>()) all[name] = TemplateJson.Read(value);
        return Run(all);
    }

    /// <summary>The text for any variables: what tests against the reference implementation need.</summary>
    internal string RenderVariables(JsonElement variables) => Run(variables.EnumerateObject().ToDictionary(property => property.Name, property => TemplateJson.Read(property.Value)));

    private string Run(Dictionary<string, TemplateValue> variables)
    {
        var limits = new RenderLimits(_options);
        Scope scope = Globals.Create(_time, limits);
        foreach ((string name, string value) in _specialTokens) scope.Set(name, new StringValue(value));
        foreach ((string name, TemplateValue value) in variables) scope.Set(name, value);
        return new StatementRunner(limits).Run(_body, scope);
    }
}
