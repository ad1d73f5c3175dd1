using System.Text;
using System.Text.Json.Nodes;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Tokenization.Tests.HuggingFace;

/// <summary>Tokenizers of a few words, written in the test.</summary>
internal static class Small
{
    /// <summary>Character BPE whose vocabulary is <paramref name="tokens"/> in order.</summary>
    public static JsonObject Bpe(params string[] tokens) => new()
    {
        ["added_tokens"] = new JsonArray(),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["merges"] = new JsonArray(),
        },
        ["decoder"] = new JsonObject { ["type"] = "Fuse" },
    };

    public static JsonObject With(this JsonObject json, string part, string value)
    {
        json[part] = JsonNode.Parse(value);
        return json;
    }

    public static JsonObject WithModel(this JsonObject json, string part, string value)
    {
        ((JsonObject)json["model"]!)[part] = JsonNode.Parse(value);
        return json;
    }

    public static byte[] ToBytes(this JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());

    public static HuggingFaceTokenizer Load(this JsonObject json, TokenizerOptions? options = null) => HuggingFaceTokenizer.Parse(json.ToBytes(), [], options);
}
