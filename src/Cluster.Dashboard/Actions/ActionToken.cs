using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Cluster.OpenAI.Access;

namespace Cluster.Dashboard.Actions;

/// <summary>
/// Proves that a form was given to this very caller for this very action by a page of this server, so that no other site can send it for them.
/// </summary>
/// <remarks>
/// It is made from the caller's key, so that every edge of a cluster knows it without sharing a secret, and holds for the hour it was made in and the next. Callers without
/// a key (this machine alone) get one from a secret of this process.
/// </remarks>
internal static class ActionToken
{
    private static readonly byte[] ProcessSecret = RandomNumberGenerator.GetBytes(32);

    public static string Of(ApiKey caller, string action, string target, DateTimeOffset now) => Compute(caller, action, target, HourOf(now));

    public static bool Holds(string token, ApiKey caller, string action, string target, DateTimeOffset now)
        => IsEqual(token, Compute(caller, action, target, HourOf(now))) | IsEqual(token, Compute(caller, action, target, HourOf(now) - 1));

    private static long HourOf(DateTimeOffset now) => now.ToUnixTimeSeconds() / 3600;

    private static bool IsEqual(string one, string other) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    private static string Compute(ApiKey caller, string action, string target, long hour)
    {
        ReadOnlySpan<byte> secret = caller.Digest.Length > 0 ? caller.Digest.AsSpan() : ProcessSecret;
        return Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"admin action\n{action}\n{target}\n{hour}"))));
    }
}
