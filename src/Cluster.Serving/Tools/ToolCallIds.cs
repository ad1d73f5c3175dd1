using System.Security.Cryptography;
using System.Text;

namespace Cluster.Serving.Tools;

/// <summary>Ids of calls: a function of request, choice and number, so that they need no memory and never change.</summary>
internal static class ToolCallIds
{
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";

    public static string Of(string requestId, int choice, int call, ToolDialect dialect)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{requestId}\n{choice}\n{call}"));
        string id = string.Concat(hash.Take(dialect.IdCharacters).Select(one => Alphabet[one % Alphabet.Length]));
        return dialect.IdCharacters == 9 ? id : $"call_{id}";
    }
}
