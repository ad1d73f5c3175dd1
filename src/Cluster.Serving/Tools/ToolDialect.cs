namespace Cluster.Serving.Tools;

/// <summary>How a family of models spells tool calls: fixed text around the inputs. What a model writes is constrained to this form and read by it.</summary>
/// <param name="Name">Of the family.</param>
/// <param name="Open">Before the first call of an answer.</param>
/// <param name="CallBegin">Before a call's input; <c>{name}</c> stands for the tool's name.</param>
/// <param name="CallEnd">After a call's input.</param>
/// <param name="Separator">Between two calls.</param>
/// <param name="Close">After the last call.</param>
public sealed record ToolDialect(string Name, string Open, string CallBegin, string CallEnd, string Separator, string Close)
{
    private const string NamePlace = "{name}";

    /// <summary>Qwen 2.5 and 3, Hermes, and every model whose template says nothing of tools: those are told the form in a system message.</summary>
    public static ToolDialect Hermes { get; } = new("hermes", "", "<tool_call>\n{\"name\": \"{name}\", \"arguments\": ", "}\n</tool_call>", "\n", "");

    /// <summary>Llama 3.1 to 3.3: one call, as the whole answer.</summary>
    public static ToolDialect Llama { get; } = new("llama3", "", "{\"name\": \"{name}\", \"parameters\": ", "}", "", "") { IsSingle = true };

    /// <summary>Mistral up to tokenizer version 7: a list.</summary>
    public static ToolDialect MistralList { get; } = new("mistral", "[TOOL_CALLS] [", "{\"name\": \"{name}\", \"arguments\": ", "}", ", ", "]") { IdCharacters = 9 };

    /// <summary>Mistral since tokenizer version 11: a marker a call.</summary>
    public static ToolDialect MistralArguments { get; } = new("mistral-args", "", "[TOOL_CALLS]{name}[ARGS]", "", "", "") { IdCharacters = 9 };

    public static ToolDialect Phi { get; } = new("phi4", "<|tool_call|>[", "{\"name\": \"{name}\", \"arguments\": ", "}", ", ", "]<|/tool_call|>");

    /// <summary>DeepSeek V3 and R1: fenced JSON.</summary>
    public static ToolDialect DeepSeekFenced { get; } = new(
        "deepseek", "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>{name}\n```json\n", "\n```<｜tool▁call▁end｜>", "\n", "<｜tool▁calls▁end｜>");

    /// <summary>DeepSeek since V3.1.</summary>
    public static ToolDialect DeepSeekPlain { get; } = new(
        "deepseek-3.1", "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>{name}<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "", "<｜tool▁calls▁end｜>");

    /// <summary>An answer holds one call at most.</summary>
    public bool IsSingle { get; init; }

    /// <summary>Length of a call's id: some templates insist on theirs.</summary>
    public int IdCharacters { get; init; } = 24;

    /// <summary>Where free text may turn into a call.</summary>
    public string Trigger => Open.Length > 0 ? Open : CallBegin[..CallBegin.IndexOf(NamePlace, StringComparison.Ordinal)];

    public string BeginOf(string tool) => CallBegin.Replace(NamePlace, tool, StringComparison.Ordinal);

    /// <summary>The family of a model, by what its template writes.</summary>
    public static ToolDialect Of(string template) => template switch
    {
        _ when Has(template, "tool▁calls▁begin") => Has(template, "```json") || Has(template, "'```' + 'json'") ? DeepSeekFenced : DeepSeekPlain,
        _ when Has(template, "[TOOL_CALLS]") => Has(template, "[ARGS]") ? MistralArguments : MistralList,
        _ when Has(template, "<|tool|>") => Phi,
        _ when Has(template, "<tool_call>") => Hermes,
        _ when Has(template, "\"parameters\": ") && Has(template, "ipython") => Llama,
        _ => Hermes,
    };

    private static bool Has(string template, string text) => template.Contains(text, StringComparison.Ordinal);
}
