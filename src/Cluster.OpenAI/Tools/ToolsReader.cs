using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Grammar;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Requests;
using Cluster.Serving.Tools;

namespace Cluster.OpenAI.Tools;

/// <summary>How tools are spelled: chat completions nest a tool's fields under its type, responses have them beside it.</summary>
public enum ToolsForm { Chat, Responses }

/// <summary>Reads <c>tools</c>, <c>tool_choice</c> and <c>parallel_tool_calls</c>.</summary>
public static class ToolsReader
{
    private const string AnyObject = """{"type":"object"}""";

    /// <returns>Null where there are no tools, or none may be called.</returns>
    /// <exception cref="ApiException">One of the fields is wrong; names the tool.</exception>
    public static ToolSet? Read(RequestObject body, ToolsForm form, GrammarOptions grammar, OpenAIOptions options)
    {
        ImmutableArray<ToolDefinition> tools = [.. (body.Array("tools", options.ToolsMax) ?? []).Select(item => ReadTool(new RequestObject(item.Item, item.Path), form, grammar, options))];
        if (tools.GroupBy(tool => tool.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw RequestObject.Invalid(twice.Last().Param, $"Two tools have the name '{twice.Key}'.");
        }
        bool isParallel = body.Boolean("parallel_tool_calls") ?? true;
        JsonElement? choice = body.Any("tool_choice");
        if (tools.IsEmpty)
        {
            return choice is null or { ValueKind: JsonValueKind.String } && choice?.GetString() is null or "none" or "auto"
                ? null
                : throw RequestObject.Invalid("tool_choice", "'tool_choice' is only allowed when there are 'tools'.");
        }
        return ReadChoice(choice, form, new ToolSet(tools, ToolUse.Auto, isParallel) { Callable = tools });
    }

    private static ToolSet? ReadChoice(JsonElement? choice, ToolsForm form, ToolSet all)
    {
        if (choice is not { } value) return all;
        if (value.ValueKind == JsonValueKind.String)
        {
            return RequestObject.ReadString(value, "tool_choice") switch
            {
                "none" => null,
                "auto" => all,
                "required" => all with { Use = ToolUse.Required },
                _ => throw RequestObject.OutOfRange("tool_choice", "'none', 'auto', 'required' or an object"),
            };
        }
        var block = new RequestObject(value, "tool_choice");
        string type = block.RequiredString("type");
        ToolSet read = type switch
        {
            "function" or "custom" => all with { Use = ToolUse.Required, IsParallel = false, Callable = [Find(all, Named(block, type, form), type == "custom")] },
            "allowed_tools" => ReadAllowed(form == ToolsForm.Chat ? block.Object("allowed_tools") : block, block, form, all),
            _ => throw RequestObject.OutOfRange(block.PathOf("type"), "'function', 'custom' or 'allowed_tools'"),
        };
        block.RefuseUnknown();
        return read;
    }

    private static ToolSet ReadAllowed(RequestObject? allowed, RequestObject block, ToolsForm form, ToolSet all)
    {
        if (allowed is null) throw RequestObject.Invalid(block.PathOf("allowed_tools"), $"Missing required parameter: '{block.PathOf("allowed_tools")}'.");
        ToolUse use = allowed.RequiredString("mode") switch
        {
            "auto" => ToolUse.Auto,
            "required" => ToolUse.Required,
            _ => throw RequestObject.OutOfRange(allowed.PathOf("mode"), "'auto' or 'required'"),
        };
        ImmutableArray<ToolDefinition> callable =
        [
            .. (allowed.Array("tools", all.Tools.Length) ?? throw RequestObject.Invalid(allowed.PathOf("tools"), $"Missing required parameter: '{allowed.PathOf("tools")}'."))
                .Select(item => new RequestObject(item.Item, item.Path))
                .Select(item => (Item: item, Type: item.RequiredString("type")))
                .Select(item => Find(all, Named(item.Item, item.Type, form), item.Type == "custom")),
        ];
        allowed.RefuseUnknown();
        return callable.IsEmpty ? throw RequestObject.OutOfRange(allowed.PathOf("tools"), "at least one tool") : all with { Use = use, Callable = callable };
    }

    private static (string Name, string Path) Named(RequestObject block, string type, ToolsForm form)
    {
        RequestObject named = form == ToolsForm.Responses || block.Any(type) is null ? block : block.Object(type)!;
        return (named.RequiredString("name"), named.PathOf("name"));
    }

    private static ToolDefinition Find(ToolSet all, (string Name, string Path) wanted, bool isCustom)
        => all.Tools.FirstOrDefault(tool => tool.Name == wanted.Name && tool.IsCustom == isCustom)
            ?? throw RequestObject.Invalid(wanted.Path, $"'{wanted.Path}' names the tool '{wanted.Name}', which is not among 'tools'.");

    private static ToolDefinition ReadTool(RequestObject item, ToolsForm form, GrammarOptions grammar, OpenAIOptions options)
    {
        string type = item.RequiredString("type");
        if (type is not ("function" or "custom")) throw RequestObject.Unsupported(item.PathOf("type"), $"Tools of type '{type}' are not supported by this server; 'function' and 'custom' are.");
        RequestObject block = form == ToolsForm.Responses ? item : item.Object(type) ?? throw RequestObject.Invalid(item.PathOf(type), $"Missing required parameter: '{item.PathOf(type)}'.");
        ToolDefinition read = type == "function" ? ReadFunction(block, grammar, options) : ReadCustom(block, form, grammar, options);
        if (form == ToolsForm.Responses)
        {
            if (item.Boolean("async") is true) throw RequestObject.Unsupported(item.PathOf("async"), "This server has no tools that run on while the model answers.");
            item.Accept("allowed_callers", "defer_loading", "output_schema");
        }
        block.RefuseUnknown();
        item.RefuseUnknown();
        return read;
    }

    private static ToolDefinition ReadFunction(RequestObject block, GrammarOptions grammar, OpenAIOptions options)
    {
        string name = ResponseFormatReader.ReadName(block);
        bool isStrict = block.Boolean("strict") ?? false;
        string path = block.PathOf("parameters");
        string parameters = AnyObject;
        if (block.Any("parameters") is { } schema)
        {
            if (schema.ValueKind != JsonValueKind.Object) throw RequestObject.WrongType(path, "a JSON Schema (an object)");
            SchemaCaps.Check(schema, options, path, $"The parameters of the tool '{name}'");
            parameters = schema.EnumerateObject().Any() ? schema.GetRawText() : AnyObject;
        }
        return new ToolDefinition(name, block.String("description") ?? "", new GrammarSpec(GrammarKind.JsonSchema, parameters, grammar), isStrict) { Parameters = parameters, Param = path };
    }

    private static ToolDefinition ReadCustom(RequestObject block, ToolsForm form, GrammarOptions grammar, OpenAIOptions options)
    {
        string name = ResponseFormatReader.ReadName(block);
        GrammarSpec? input = block.Object("format") is { } format ? ReadFormat(format, form, grammar, options) : null;
        return new ToolDefinition(name, block.String("description") ?? "", input, true) { IsCustom = true, Param = block.PathOf("format") };
    }

    private static GrammarSpec? ReadFormat(RequestObject format, ToolsForm form, GrammarOptions grammar, OpenAIOptions options)
    {
        string type = format.RequiredString("type");
        GrammarSpec? read = type switch
        {
            "text" => null,
            "grammar" => ReadGrammar(form == ToolsForm.Chat ? format.Object("grammar") ?? format : format, grammar, options),
            _ => throw RequestObject.OutOfRange(format.PathOf("type"), "'text' or 'grammar'"),
        };
        format.RefuseUnknown();
        return read;
    }

    private static GrammarSpec ReadGrammar(RequestObject block, GrammarOptions grammar, OpenAIOptions options)
    {
        string definition = block.RequiredString("definition");
        if (definition.Length > options.SchemaBytesMax) throw ResponseFormatReader.TooLarge(block.PathOf("definition"), $"'{block.PathOf("definition")}' has {definition.Length} characters; at most {options.SchemaBytesMax} are allowed.");
        GrammarKind kind = block.RequiredString("syntax") switch
        {
            "lark" => GrammarKind.Lark,
            "regex" => GrammarKind.Regex,
            _ => throw RequestObject.OutOfRange(block.PathOf("syntax"), "'lark' or 'regex'"),
        };
        block.RefuseUnknown();
        return new GrammarSpec(kind, definition, grammar);
    }
}
