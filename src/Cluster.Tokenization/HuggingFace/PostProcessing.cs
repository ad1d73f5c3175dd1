using System.Text.Json;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>Special tokens that the model's training put around a text: what "post_processor" comes to for one sequence.</summary>
internal sealed class PostProcessing
{
    private readonly Func<string, int> _idOf;

    /// <param name="idOf">Id of a token by its content.</param>
    public PostProcessing(JsonElement? config, Func<string, int> idOf)
    {
        _idOf = idOf;
        if (config is { ValueKind: JsonValueKind.Object } json) Read(json);
    }

    public List<int> Before { get; } = [];

    public List<int> After { get; } = [];

    private void Read(JsonElement json)
    {
        switch (json.GetString("type"))
        {
            case "ByteLevel":
                break;
            case "Sequence":
                foreach (JsonElement step in json.GetList("processors")) Read(step);
                break;
            case "BertProcessing" or "RobertaProcessing":
                Before.Insert(0, IdOfPair(json, "cls"));
                After.Add(IdOfPair(json, "sep"));
                break;
            case "TemplateProcessing":
                ReadTemplate(json);
                break;
            case string other:
                throw TokenizerException.Unsupported("post-processor " + other);
            default:
                throw TokenizerException.Malformed("a post-processor without a type");
        }
    }

    private static int IdOfPair(JsonElement json, string name)
    {
        JsonElement[] pair = [.. json.GetList(name)];
        return pair.Length == 2 && pair[1].TryGetInt32(out int id) ? id : throw TokenizerException.Malformed($"the post-processor's {name} is not a pair of token and id");
    }

    private void ReadTemplate(JsonElement json)
    {
        var before = new List<int>();
        var after = new List<int>();
        List<int> current = before;
        foreach (JsonElement item in json.GetList("single"))
        {
            if (item.Get("Sequence") is not null)
            {
                current = after;
                continue;
            }
            string name = item.Get("SpecialToken")?.GetString("id") ?? throw TokenizerException.Malformed("a template item is neither sequence nor special token");
            current.AddRange(IdsOf(json, name));
        }
        Before.InsertRange(0, before);
        After.AddRange(after);
    }

    private IEnumerable<int> IdsOf(JsonElement json, string name)
    {
        JsonElement[] ids = [.. json.Get("special_tokens")?.Get(name)?.GetList("ids") ?? []];
        if (ids.Length > 0) return ids.Select(id => id.GetInt32());
        int known = _idOf(name);
        return known >= 0 ? [known] : throw TokenizerException.Malformed($"the template's special token \"{name}\" is unknown");
    }
}
