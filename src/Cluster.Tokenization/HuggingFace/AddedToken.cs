using System.Text.Json;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>A token that is found in the text itself, before the model sees it.</summary>
internal sealed record AddedToken(int Id, string Content, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized, bool Special)
{
    public static AddedToken Read(JsonElement json)
    {
        int id = json.GetInt("id", -1);
        string? content = json.GetString("content");
        if (id < 0 || content is null) throw TokenizerException.Malformed("an added token without id or content");
        bool special = json.GetBool("special", false);
        return new AddedToken(id, content, json.GetBool("single_word", false), json.GetBool("lstrip", false), json.GetBool("rstrip", false),
            json.GetBool("normalized", !special), special);
    }
}
