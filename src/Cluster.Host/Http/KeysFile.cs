using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Cluster.OpenAI.Access;
using Cluster.Serving;

namespace Cluster.Host.Http;

/// <summary>Keys from the settings and from <see cref="AccessOptions.KeysFile"/>, the latter read again when it changes. A broken new file is reported and the old keys stay.</summary>
public sealed partial class KeysFile(AccessOptions options, ApiKeyRing ring, TimeProvider time, ILogger<KeysFile> logger) : BackgroundService
{
    private sealed record Content(IReadOnlyList<ApiKeyConfig> Keys);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <exception cref="ConfigurationException">Lists every fault.</exception>
    public static ApiKeyRing Open(AccessOptions options)
    {
        try
        {
            return new ApiKeyRing(Read(options), options.KeysMax);
        }
        catch (Exception exception) when (exception is ValidationException or JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"Access:Keys, Access:KeysFile: {exception.Message}");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.KeysFile.Length == 0) return;
        FileStamp stamp = FileStamp.Of(options.KeysFile);
        using var timer = new PeriodicTimer(options.KeysReloadInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            FileStamp now = FileStamp.Of(options.KeysFile);
            if (now == stamp) continue;
            stamp = now;
            try
            {
                List<ApiKeyConfig> read = Read(options);

                // An emptied file must not open the door.
                if (read.Count == 0) throw new ValidationException("no key is left");
                ring.Replace(read, options.KeysMax);
                LogReloaded(logger, ring.Keys.Length);
            }
            catch (Exception exception) when (exception is ValidationException or JsonException or IOException or UnauthorizedAccessException)
            {
                LogBroken(logger, exception.Message);
            }
        }
    }

    private static List<ApiKeyConfig> Read(AccessOptions options)
    {
        List<ApiKeyConfig> keys = [.. options.Keys];
        if (options.KeysFile.Length > 0) keys.AddRange(JsonSerializer.Deserialize<Content>(File.ReadAllBytes(options.KeysFile), Json)?.Keys ?? []);
        return keys;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The keys were read again: {Count} are in force.")]
    private static partial void LogReloaded(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "The new keys cannot be used, the old ones stay: {Reason}")]
    private static partial void LogBroken(ILogger logger, string reason);
}
